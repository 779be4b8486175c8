"""Whatever a user writes stays one value in one place, and no option reaches a mover that was not meant to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.kubernetes.problems import TemplateProblem
from adapters.executors.kubernetes.templates import MissingValue
from tests.deploy.rendering import ENGINES, SERVICES, mover_arguments, render
from tests.deploy.samples import PVS, placed, values

each_engine = pytest.mark.parametrize("engine", ENGINES)
each_service = pytest.mark.parametrize("service", SERVICES)

HOSTILE = (
    '"',
    "'",
    "\\",
    "a\nb: c",
    "\n---\nkind: Secret",
    "a: b",
    "{{ 7 * 7 }}",
    "{% include 'x' %}",
    "# no comment",
    "--delete",
    "- item",
    "*alias",
    "&anchor",
    "!!python/object:os.system",
    "$(HOME)",
    "`id`",
    "; rm -rf /",
    "null",
    "0x10",
    "2026-01-01",
    "é\u2028\u0085\u202e😀",
    "\x7f\x1b[31m",
    "%",
    "\t",
    " ",
)


def with_text(service: str, text: str) -> dict[str, object]:
    """Values in which everything that a user may choose holds this text."""
    path = placed(f"/pvs/{text}", PVS)
    names = ("source", "destination") if service in ("sync", "cp") else ("path",)
    parameters = {"mode": text, "src": text, "dst": text, "path": text}
    return values(service, user=text, parameters=parameters, mounts=[PVS], **dict.fromkeys(names, path))


@each_engine
@each_service
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_value_stays_one_string(engine: str, service: str, text: str) -> None:
    assert_kept(engine, service, text)


@given(text=st.text(st.characters(exclude_categories=["Cs", "Co"]), min_size=1), engine=st.sampled_from(ENGINES))
def test_any_value_stays_one_string(text: str, engine: str) -> None:
    assert_kept(engine, "chmod", text)


@each_engine
@pytest.mark.parametrize("option", ["--password-command=id", "--link-dest", "--input", "-i", "--Delete", "x", ""])
@each_service
def test_an_option_that_was_not_meant_is_refused(engine: str, service: str, option: str) -> None:
    with pytest.raises((TemplateProblem, MissingValue)):
        render(engine, service, values(service, options=[option]))


@each_engine
def test_what_a_task_must_name_is_asked_for(engine: str) -> None:
    with pytest.raises(MissingValue, match="needs the parameter mode"):
        render(engine, "chmod", values("chmod", parameters={}))


def assert_kept(engine: str, service: str, text: str) -> None:
    """The text stands where it belongs, and everything else is as with harmless text."""
    rendered = render(engine, service, with_text(service, text))
    # Kubernetes makes one `$` of two.
    argument = text.replace("$", "$$")
    assert f"/pvs/{argument}" in mover_arguments(rendered)
    harmless = render(engine, service, with_text(service, "plain"))
    expected = {(each, "plain") for each in (text, argument)} | {(f"/pvs/{argument}", "/pvs/plain")}
    assert not list(differences(rendered, harmless, expected))


def differences(one: object, other: object, expected: set[tuple[str, str]]) -> Iterator[tuple[object, object]]:
    """Yield what differs between two documents, but for pairs of strings that are expected to."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], expected)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for each, its_other in zip(one, other, strict=True):
            yield from differences(each, its_other, expected)
    elif one != other and (one, other) not in expected:
        yield one, other
