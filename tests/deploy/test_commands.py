"""What the templates have run does to real trees what their services promise."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.executors.local.movers.rclone import find_rclone
from tests.deploy.rendering import pod_templates, render
from tests.deploy.samples import placed, values

MPIFILEUTILS = {"dsync", "dcp", "drm", "dchmod"}


@dataclass(frozen=True, slots=True)
class Place:
    """A directory of a task, in a root of its own."""

    root: Path

    def values(
        self, service: str, options: Sequence[str], parameters: Mapping[str, str], attempt: int = 1
    ) -> dict[str, object]:
        """Values for a task from `src` to `dst`, or one at `dst`."""
        mount = {"root": str(self.root), "volume": "data", "name": "data"}
        source, target = (placed(str(self.root / name), mount) for name in ("src", "dst"))
        paths = {"source": source, "destination": target} if service in ("sync", "cp") else {"path": target}
        return values(
            service, attempt=attempt, options=list(options), parameters=dict(parameters), mounts=[mount], **paths
        )

    def runs(
        self, service: str, *options: str, attempt: int = 1, **parameters: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command of the plain Job's container."""
        manifest = render("job", service, self.values(service, options, parameters, attempt))
        (container,) = pod_templates(manifest)["mover"]["spec"]["containers"]
        command = [*container["command"], *container["args"]]
        path = f"{Path(find_rclone()).parent}:{os.environ['PATH']}"
        return subprocess.run(command, env={"PATH": path, "HOME": "/nonexistent"}, capture_output=True, text=True)

    def launches(self, engine: str, service: str, *options: str, **parameters: str) -> list[str]:
        """Run the launcher's command with a program in mpirun's place; return what it was to run."""
        manifest = render(engine, service, self.values(service, options, parameters))
        launcher = "master" if engine == "volcano" else "launcher"
        (container,) = pod_templates(manifest)[launcher]["spec"]["containers"]
        programs = self.root / "programs"
        programs.mkdir()
        mpirun = programs / "mpirun"
        mpirun.write_text('#!/bin/sh\n[ "$OMPI_MCA_plm_rsh_args" = "$PRTE_MCA_plm_ssh_args" ] && printf "%s\\0" "$@"\n')
        mpirun.chmod(0o755)
        environment = {"PATH": f"{programs}:{os.environ['PATH']}", "MPI_HOST": ""}
        ran = subprocess.run(
            [*container["command"], *container["args"]], env=environment, capture_output=True, text=True, check=True
        )
        words = ran.stdout.split("\0")[:-1]
        program = next(place for place, word in enumerate(words) if word in MPIFILEUTILS)
        return words[program:]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    source = tmp_path / "src"
    (source / "deep" / "empty").mkdir(parents=True)
    (source / "a ' \n # file").write_text("contents")
    (source / "link").symlink_to("nowhere")
    return Place(tmp_path)


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
