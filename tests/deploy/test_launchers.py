"""The launchers of MPI jobs run the programs of mpiFileUtils, in the way that each service needs."""

from __future__ import annotations

import pytest

from tests.deploy.place import Place


@pytest.mark.parametrize("engine", ["volcano", "mpi-operator"])
@pytest.mark.parametrize(
    ("service", "options", "parameters", "words"),
    [
        ("sync", ["--delete", "--dryrun"], {}, "dsync --progress 10 --delete --dryrun SRC DST"),
        ("cp", ["--sparse"], {}, "dcp --preserve --progress 10 --sparse SRC DST"),
        ("rm", ["--dryrun"], {}, "drm --dryrun DST"),
        ("chmod", [], {"mode": "g-w"}, "dchmod --mode g-w DST"),
    ],
)
def test_launchers_run_the_programs_of_mpifileutils(
    place: Place, engine: str, service: str, options: list[str], parameters: dict[str, str], words: str
) -> None:
    names = {"SRC": str(place.root / "src"), "DST": str(place.root / "dst")}
    assert place.launches(engine, service, *options, **parameters) == [names.get(word, word) for word in words.split()]


@pytest.mark.parametrize("engine", ["volcano", "mpi-operator"])
def test_a_copy_that_is_there_is_brought_up_to_date(place: Place, engine: str) -> None:
    (place.root / "dst").mkdir()
    assert place.launches(engine, "cp")[0] == "dsync"
