"""What the local executor lets pass at submit: no I/O, plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.local.options import Options
from adapters.executors.local.requests import Copy, Remove, read_request
from domain.errors import InvalidRequest
from domain.paths import PathPolicy

POLICY = PathPolicy(("/pvs", "/home/gpu1"))


def test_what_is_asked_for_is_read() -> None:
    copy = Copy("/home/gpu1/a", "/pvs/b", Options(delete=True))
    assert read_request("sync", {"src": "/home/gpu1/a", "dst": "/pvs/b", "options": "--delete"}, POLICY) == copy
    assert read_request("cp", {"src": "/pvs", "dst": "/home/gpu1/x"}, POLICY) == Copy("/pvs", "/home/gpu1/x", Options())
    assert read_request("rm", {"path": "/pvs/a/b"}, POLICY) == Remove("/pvs/a/b", Options())


@pytest.mark.parametrize(
    ("service", "parameters", "complaint"),
    [
        ("hotcold", {"path": "/pvs/a"}, "service 'hotcold' is not known to the local executor; it has sync, cp, rm"),
        ("sync", {"src": "/pvs/a", "dst": "/pvs/b", "exclude": "*"}, "parameter 'exclude' is not known to sync"),
        ("rm", {"path": "/pvs/a", "src": "/pvs/b"}, "parameter 'src' is not known to rm; it takes path, options"),
        ("sync", {"src": "/pvs/a"}, "dst is required"),
        ("sync", {}, "src is required"),
        ("rm", {}, "path is required"),
        ("rm", {"path": 7}, "path is required and must be an absolute path"),
        ("rm", {"path": "/pvs"}, "is a mount root"),
        ("rm", {"path": "/home"}, "is not below an allowed root"),
        ("rm", {"path": "/pvs/../etc"}, "must be normalised"),
        ("cp", {"src": "/etc/passwd", "dst": "/pvs/b"}, "src '/etc/passwd' is not below an allowed root"),
        ("cp", {"src": "/pvs/a", "dst": "/pvs/a/b"}, "may not contain one another"),
        ("cp", {"src": "/pvs/a\0b", "dst": "/pvs/c"}, "must not contain a NUL"),
        ("cp", {"src": "/pvs/\ud800", "dst": "/pvs/c"}, "src holds a character that no file name can hold"),
        ("cp", {"src": "/pvs/a", "dst": "/pvs/c", "options": None}, "options must be one string"),
    ],
)
def test_refused_in_plain_words(service: str, parameters: dict[str, object], complaint: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_request(service, parameters, POLICY)
    assert complaint in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(["sync", "cp", "rm"]) | st.text(),
    st.dictionaries(st.sampled_from(["src", "dst", "path", "options"]) | st.text(), JSON, max_size=5),
)
def test_whatever_comes_is_read_or_refused(service: str, parameters: dict[str, object]) -> None:
    try:
        request = read_request(service, parameters, POLICY)
    except InvalidRequest:
        return
    assert request.target.startswith(("/pvs/", "/home/gpu1/"))
