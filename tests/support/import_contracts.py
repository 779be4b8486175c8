"""A rule for import-linter that its own kinds of contract can't say: the standard library, and no more."""

import sys
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils
from importlinter.application.contract_utils import AlertLevel


class StandardLibraryOnly(Contract):
    """Packages that import themselves, the standard library, and what the contract allows.

    A list of forbidden packages would miss the dependency that is added next; this rule can't.

    Options:
        packages: the packages that are held to the rule.
        also_allowed: top-level packages that they may import besides.
        ignore_imports: single imports that are let through, as in import-linter's own contracts.
    """

    type_name = "standard_library_only"

    packages = fields.SetField(subfield=fields.StringField())
    also_allowed = fields.SetField(subfield=fields.StringField(), required=False)
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every direct import of every module of the packages."""
        contract_utils.remove_ignored_imports_and_report(
            graph=graph, ignore_imports=cast(Any, self.ignore_imports), unmatched_alerting=AlertLevel.NONE
        )
        illegal: list[str] = []
        for package in sorted(cast(set[str], self.packages)):
            allowed = {package, *(cast(set[str] | None, self.also_allowed) or ()), *sys.stdlib_module_names}
            for module in sorted({package, *graph.find_descendants(package)}):
                for imported in sorted(graph.find_modules_directly_imported_by(module)):
                    if imported.split(".")[0] not in allowed:
                        illegal.append(f"{module} imports {imported}")
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each illegal import."""
        for line in check.metadata["illegal"]:
            output.print_error(line)
