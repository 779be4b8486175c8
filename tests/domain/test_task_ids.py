import pytest
from hypothesis import given

from domain.errors import InvalidTaskId
from domain.testing import hostile_task_ids, task_ids
from domain.values import valid_task_id


@given(task_ids())
def test_the_frontends_ids_pass(task_id: str) -> None:
    assert valid_task_id(task_id) == task_id


@given(hostile_task_ids())
def test_hostile_ids_are_refused(text: str) -> None:
    with pytest.raises(InvalidTaskId):
        valid_task_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id:sequence",
        "10:metadata",
        "10\n",
        "10\0",
        "\n",
        "1\r",
        "٣",
        "1٣",
        "²",
        "007",
        "-1",
        "+1",
        "1_0",
        "9" * 10**6,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_these_ids_are_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidTaskId, match="decimal number"):
        valid_task_id(text)


@pytest.mark.parametrize("text", ["0", "1", "10", "9" * 20])
def test_these_ids_pass_by_name(text: str) -> None:
    assert valid_task_id(text) == text
