"""Records as other clients may have written them: any JSON, in any order of fields, in any of its spellings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.redis.desk import document

OURS = frozenset({"status", "priority", "active_jobs", "result", "logs", "updated_at"})
"""What the scheduler may write (contract §2)."""
OURS_IN_RESULT = frozenset({"pod_status", "launcher_output"})

_NUMBERS = ("0", "-0", "1.0", "-0.0", "1e22", "1E5", "1e-7", "1.50", "0.1e1", "123456789012345678901234567890", "1e999")
_EDGES = (2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 2**64, 10**40)

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_strings = _texts.map(lambda text: json.dumps(text, ensure_ascii=False)) | _texts.map(json.dumps)
_scalars = st.one_of(
    st.sampled_from(("null", "true", "false", "[]", "{}", "[ ]", "{ }")),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_EDGES).map(str),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    _strings,
)
_gaps = st.sampled_from(("", " ", "\n\t"))


def _list(items: tuple[Sequence[str], str]) -> str:
    values, gap = items
    return f"[{gap}{f',{gap}'.join(values)}{gap}]"


def _object(items: tuple[dict[str, str], str]) -> str:
    fields, gap = items
    return "{" + gap + f",{gap}".join(f"{json.dumps(name)}{gap}:{gap}{value}" for name, value in fields.items()) + "}"


json_texts = st.recursive(
    _scalars,
    lambda inner: (
        st.tuples(st.lists(inner, max_size=4), _gaps).map(_list)
        | st.tuples(st.dictionaries(_texts, inner, max_size=4), _gaps).map(_object)
    ),
    max_leaves=12,
)
"""JSON as text: what a value looks like matters, not only what it means."""

finite_json_texts = json_texts.filter(lambda text: "e999" not in text)


@dataclass(frozen=True)
class Written:
    """A record as text: its fields and those of its result, in their order."""

    fields: dict[str, str]
    result: dict[str, str]
    gap: str

    def bytes(self) -> bytes:
        """The document."""
        whole = {name: self._result() if name == "result" else value for name, value in self.fields.items()}
        return _object((whole, self.gap)).encode()

    def _result(self) -> str:
        return _object((self.result, self.gap))


@st.composite
def records(draw: st.DrawFn, task_id: str) -> Written:
    """A well-formed record with fields that nobody knows, and any parameters, in any order."""
    known = {name: json.dumps(value) for name, value in document(task_id).items()}
    known["parameters"] = _object((draw(st.dictionaries(_texts, finite_json_texts, max_size=4)), draw(_gaps)))
    for optional in ("priority", "active_jobs", "created_at", "updated_at"):
        if draw(st.booleans()):
            known.pop(optional)
    unknown = draw(st.dictionaries(_texts.filter(lambda name: name not in document("1")), json_texts, max_size=4))
    result = draw(st.dictionaries(_texts.filter(lambda name: name not in OURS_IN_RESULT), json_texts, max_size=3))
    result |= {"pod_status": "null", "launcher_output": "null"}
    return Written(_shuffled(draw, known | unknown), _shuffled(draw, result), draw(_gaps))


def _shuffled(draw: st.DrawFn, fields: dict[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in draw(st.permutations(list(fields)))}
