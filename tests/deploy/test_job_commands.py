"""What the plain Jobs run does to real trees what their services promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.place import Place


def tree(top: Path) -> dict[str, str]:
    """Every name below a directory with what it is."""
    return {
        str(path.relative_to(top)): f"-> {path.readlink()}"
        if path.is_symlink()
        else path.read_text()
        if path.is_file()
        else "directory"
        for path in top.rglob("*")
    }


@pytest.mark.parametrize("service", ["sync", "cp"])
def test_a_tree_is_copied(place: Place, service: str) -> None:
    (place.root / "dst").mkdir()
    (place.root / "dst" / "extra").write_text("stays")
    for _ in range(2):
        ended = place.runs(service)
        assert ended.returncode == 0, ended.stderr
        assert tree(place.root / "dst") == {**tree(place.root / "src"), "extra": "stays"}


@pytest.mark.parametrize(("service", "options"), [("sync", []), ("sync", ["--delete"]), ("cp", ["--contents"])])
def test_a_file_is_copied_to_the_name(place: Place, service: str, options: list[str]) -> None:
    file = place.root / "src"
    file.rename(place.root / "was")
    file.write_text("one file")
    ended = place.runs(service, *options)
    assert ended.returncode == 0, ended.stderr
    assert (place.root / "dst").read_text() == "one file"


def test_what_the_source_lacks_is_deleted_when_asked_for(place: Place) -> None:
    (place.root / "dst").mkdir()
    (place.root / "dst" / "extra").write_text("goes")
    assert place.runs("sync", "--delete", "--contents").returncode == 0
    assert tree(place.root / "dst") == tree(place.root / "src")


def test_a_dry_run_changes_nothing(place: Place) -> None:
    assert place.runs("sync", "--delete", "--dryrun").returncode == 0
    assert not (place.root / "dst").exists()


def test_progress_is_told_in_json(place: Place) -> None:
    assert '"stats":{' in place.runs("sync").stderr


def test_a_missing_source_is_a_failure(place: Place) -> None:
    (place.root / "src").rename(place.root / "elsewhere")
    ended = place.runs("sync")
    assert ended.returncode != 0
    assert "not found" in ended.stderr


def test_a_tree_is_removed_and_a_link_only_as_a_link(place: Place) -> None:
    (place.root / "dst").symlink_to("src")
    assert place.runs("rm").returncode == 0
    assert tree(place.root / "src")
    (place.root / "src").rename(place.root / "dst")
    assert place.runs("rm").returncode == 0
    assert not (place.root / "dst").exists()


def test_removing_what_is_not_there_is_a_failure_unless_an_earlier_attempt_may_have_removed_it(place: Place) -> None:
    ended = place.runs("rm")
    assert (ended.returncode, ended.stderr) == (1, "ERROR: no such path\n")
    assert place.runs("rm", attempt=2).returncode == 0


def test_modes_are_set_in_the_whole_tree(place: Place) -> None:
    (place.root / "src").rename(place.root / "dst")
    assert place.runs("chmod", mode="-w").returncode == 0
    assert not (place.root / "dst" / "deep" / "empty").stat().st_mode & 0o222
    assert place.runs("chmod", mode="u+w").returncode == 0
