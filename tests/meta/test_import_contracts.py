from collections.abc import Mapping

import pytest
from grimp import ImportGraph
from importlinter import ContractCheck

from tests.support.import_contracts import StandardLibraryOnly


def _check(imports: Mapping[str, str], **options: list[str]) -> ContractCheck:
    graph = ImportGraph()
    for module in ("shop", "shop.cart"):
        graph.add_module(module)
    for importer, imported in imports.items():
        for module in (importer, imported):
            if module not in graph.modules:
                graph.add_module(module, is_squashed=not module.startswith("shop"))
        graph.add_import(importer=importer, imported=imported)
    contract = StandardLibraryOnly("test", session_options={}, contract_options={"packages": ["shop"], **options})
    return contract.check(graph, verbose=False)


def test_a_package_may_import_itself_and_the_standard_library() -> None:
    assert _check({"shop.cart": "shop", "shop": "json"}).kept


@pytest.mark.parametrize("importer", ["shop", "shop.cart"])
def test_anything_else_breaks_the_contract(importer: str) -> None:
    check = _check({importer: "msgspec"})
    assert not check.kept
    assert check.metadata["illegal"] == [f"{importer} imports msgspec"]


def test_what_is_allowed_by_name_is_kept() -> None:
    assert _check({"shop": "msgspec"}, also_allowed=["msgspec"]).kept
    assert _check({"shop.cart": "msgspec"}, ignore_imports=["shop.cart -> msgspec"]).kept
    assert not _check({"shop": "msgspec"}, ignore_imports=["shop.cart -> msgspec"]).kept
