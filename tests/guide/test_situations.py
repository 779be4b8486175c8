"""The guide's answers to "why" are those that the service gives."""

from __future__ import annotations

import re

import pytest

from tests.guide.page import GUIDE, shown, tidy
from tests.guide.situations import SITUATIONS, Situation, asked

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?")
_OWNER = re.compile(r"node-7-\d+-[0-9a-f]+")


def steady(text: str) -> str:
    """Return an answer without what differs each time."""
    return _OWNER.sub("OWNER", _MOMENT.sub("MOMENT", text))


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.title)
async def test_the_guide_shows_what_is_answered(situation: Situation) -> None:
    answer = tidy(await asked(situation))
    assert re.search(rf"^kind +{situation.kind}$", answer, re.MULTILINE)
    assert steady(shown(GUIDE.read_text(), situation.title)) == steady(answer)
