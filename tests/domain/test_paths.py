"""Which paths a task may touch (issue: path policy; contract §6)."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidRequest
from domain.paths import PathPolicy, is_within

policy = PathPolicy(("/pvs", "/home/gpu1", "/home/gpu1/shared/deep"))

names = st.sampled_from(("a", "b c", "-rf", "it's", "새 이름", "a\nb", "...", "pvs", "gpu1", "shared"))
parts = st.one_of(names, st.sampled_from(("..", ".", "", "\0", "a\0b")))
heads = st.sampled_from(("/pvs", "/home/gpu1", "/home", "/", "//pvs", "", "relative", "/pvsx", "/home/gpu1/shared"))
paths = st.builds(lambda head, tail: "/".join((head, *tail)), heads, st.lists(parts, max_size=4))
clean = st.builds(
    lambda head, tail: "/".join((head, *tail)),
    st.sampled_from(("/pvs", "/home/gpu1")),
    st.lists(names, min_size=1, max_size=3),
)


def components(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def lies_below(path: str, root: str, strictly: bool = True) -> bool:
    """By components, unlike the policy, which compares texts."""
    below, above = components(path), components(root)
    return below[: len(above)] == above and (not strictly or len(below) > len(above))


def accepts(check: str, path: object) -> bool:
    try:
        assert getattr(policy, check)("dst", path) == path
    except InvalidRequest:
        return False
    return True


@given(paths)
def test_an_accepted_target_lies_strictly_below_a_root_and_holds_none(path: str) -> None:
    if accepts("check_target", path):
        assert posixpath.normpath(path) == path
        assert "\0" not in path
        assert ".." not in components(path)
        assert any(lies_below(path, root) for root in policy.roots)
        assert not any(lies_below(root, path, strictly=False) for root in policy.roots)


@given(paths)
def test_an_accepted_source_is_a_root_or_lies_below_one(path: str) -> None:
    if accepts("check_source", path):
        assert path.startswith("/")
        assert "\0" not in path
        assert ".." not in components(path)
        assert any(lies_below(path, root, strictly=False) for root in policy.roots)


@given(clean)
def test_a_normal_path_below_a_root_is_accepted(path: str) -> None:
    assert accepts("check_source", path)
    assert accepts("check_target", path) == (path != "/home/gpu1/shared")
    assert any(policy.root_of(path) == root for root in policy.roots if lies_below(path, root))


@pytest.mark.parametrize(
    "path",
    [
        "/pvs/../etc", "/pvs/a/..", "/pvs/./a", "/pvs//a", "//pvs/a", "/pvs/a/", "/pvs/a\0", "\0", "pvs/a", "", ".",
        "../pvs/a", "/etc", "/pvsx/a", "/home", "/", None, 7, ["/pvs/a"], {}, True, b"/pvs/a",
    ],
)  # fmt: skip
def test_these_paths_are_refused_everywhere(path: object) -> None:
    assert not accepts("check_source", path)
    assert not accepts("check_target", path)


@pytest.mark.parametrize("path", ["/pvs", "/home/gpu1", "/home/gpu1/shared", "/home/gpu1/shared/deep"])
def test_a_root_and_what_holds_one_may_be_read_but_is_no_target(path: str) -> None:
    assert accepts("check_source", path)
    with pytest.raises(InvalidRequest, match="mount root"):
        policy.check_target("dst", path)


@given(clean, clean)
def test_source_and_target_never_hold_one_another(source: str, target: str) -> None:
    try:
        assert policy.check_pair(source, target) == (source, target)
    except InvalidRequest:
        nested = lies_below(source, target, strictly=False) or lies_below(target, source, strictly=False)
        assert nested or target == "/home/gpu1/shared"
    else:
        assert not lies_below(source, target, strictly=False)
        assert not lies_below(target, source, strictly=False)


@pytest.mark.parametrize(("source", "target"), [("/pvs/a", "/pvs/a"), ("/pvs", "/pvs/a"), ("/pvs/a/b", "/pvs/a")])
def test_such_pairs_are_refused(source: str, target: str) -> None:
    with pytest.raises(InvalidRequest, match="may not contain one another"):
        policy.check_pair(source, target)


def test_a_name_that_begins_like_another_is_not_within_it() -> None:
    assert policy.check_pair("/pvs/a", "/pvs/ab") == ("/pvs/a", "/pvs/ab")


@given(paths, paths)
def test_is_within_goes_by_components(path: str, root: str) -> None:
    path, root = (posixpath.normpath("/" + text.lstrip("/")) for text in (path, root))
    assert is_within(path, root) == lies_below(path, root, strictly=False)


def test_the_innermost_root_holds_a_path() -> None:
    assert policy.root_of("/home/gpu1/shared/deep/x") == "/home/gpu1/shared/deep"
    assert policy.root_of("/home/gpu1/shared/x") == "/home/gpu1"


def test_the_root_of_the_file_system_may_be_allowed() -> None:
    everything = PathPolicy(("/",))
    assert everything.check_target("dst", "/a") == "/a"
    assert everything.check_source("src", "/") == "/"
    with pytest.raises(InvalidRequest, match="mount root"):
        everything.check_target("dst", "/")


@pytest.mark.parametrize("root", ["", "pvs", "/pvs/", "//pvs", "/pvs/..", "/a/../pvs", "/p\0"])
def test_a_bad_root_stops_the_start(root: str) -> None:
    with pytest.raises(ValueError, match="absolute, normalised"):
        PathPolicy((root,))
