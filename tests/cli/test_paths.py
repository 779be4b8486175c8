"""Which paths and roots a command line stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidRequest
from domain.paths import PathPolicy, is_within
from entrypoints.cli.paths import real_parent_path, real_path, roots_for_copy, roots_for_removal

NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4)
PATHS = NAMES.map(lambda names: "/" + "/".join(names))


def everywhere(_: str) -> bool:
    """Whether a path is a directory on a machine that has them all."""
    return True


@given(PATHS, PATHS)
def test_a_copy_is_allowed_unless_one_path_holds_the_other(src: str, dst: str) -> None:
    policy = PathPolicy(roots_for_copy(src, dst, everywhere))
    if is_within(src, dst) or is_within(dst, src):
        with pytest.raises(InvalidRequest, match="may not contain one another"):
            policy.check_pair(src, dst)
    else:
        assert policy.check_pair(src, dst) == (src, dst)


@given(PATHS, PATHS, PATHS)
def test_nothing_beside_the_named_directories_is_allowed(src: str, dst: str, other: str) -> None:
    policy = PathPolicy(roots_for_copy(src, dst, everywhere))
    around = {str(Path(path).parent) for path in (src, dst)}
    if not any(is_within(other, parent) for parent in around):
        with pytest.raises(InvalidRequest, match="not below an allowed root"):
            policy.check_target("dst", other)


@given(PATHS)
def test_a_removal_is_allowed(path: str) -> None:
    assert PathPolicy(roots_for_removal(path, everywhere)).check_target("path", path) == path


def test_the_root_of_the_file_system_is_no_target() -> None:
    with pytest.raises(InvalidRequest):
        PathPolicy(roots_for_copy("/etc", "/")).check_pair("/etc", "/")
    with pytest.raises(InvalidRequest):
        PathPolicy(roots_for_removal("/")).check_target("path", "/")


def test_a_root_is_a_directory_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in ("new", "new/copy", "file/copy"):
        assert roots_for_removal(str(tmp_path / path)) == (str(tmp_path),)
        assert roots_for_copy(str(tmp_path / "src"), str(tmp_path / path)) == (str(tmp_path),)


def test_relative_paths_and_links_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path.resolve()
    (place / "real").mkdir()
    (place / "link").symlink_to("real")
    monkeypatch.chdir(place)
    assert real_path("SRC", "link/x/../y") == str(place / "real" / "y")
    assert real_path("SRC", "link/") == str(place / "real")
    assert real_parent_path("PATH", "link/inside") == str(place / "real" / "inside")
    assert real_parent_path("PATH", "link") == str(place / "link")
    assert real_parent_path("PATH", "real/../link/") == str(place / "link")
