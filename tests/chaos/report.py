"""What is told of a run: a table for people, one line of JSON for programs, and all that helps to find a cause."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from domain.task import OWNER_LOST
from tests.chaos.judge import Case, Wrong
from tests.chaos.plan import Kind
from tests.chaos.run import Result

MOST_SHOWN = 10
STORY = "story.txt"


def counts(result: Result) -> dict[str, int]:
    """Return what is counted: first how it went, then what must be 0, then what was done to the service."""
    found = Counter(wrong for wrong in {(each.task_id, each.wrong) for each in result.findings})
    wrong = Counter(each for _, each in found)
    return {**_course(result), **{str(each): wrong[each] for each in Wrong}, **_faults(result)}


def table(result: Result) -> str:
    """Return the table."""
    rows = counts(result)
    width = max(map(len, rows))
    return "\n".join(f"  {name:<{width}} {count:>7}" for name, count in rows.items())


def as_json(result: Result) -> str:
    """Return the same as one line."""
    return json.dumps({"chaos": result.seed, "seconds": round(result.seconds, 1), **counts(result)})


def story(result: Result) -> Iterator[str]:
    """Tell all that is known of what went wrong, and what was done to the service."""
    wrong = {finding.task_id for finding in result.findings}
    for finding in result.findings:
        yield str(finding)
    for case in result.cases:
        if case.task_id in wrong:
            yield ""
            yield from case.story()
    yield ""
    yield from result.told


def write_story(result: Result, directory: Path) -> None:
    """Leave the story with the logs."""
    (directory / STORY).write_text("\n".join(story(result)) + "\n")


def _course(result: Result) -> dict[str, int]:
    accepted = [case for case in result.cases if case.was_accepted]
    attempts = [attempt for case in result.cases for attempt in _attempts(case)]
    answers = Counter(_answer_to(case) for case in result.cases if case.was_registered)
    statuses = Counter(str(case.task.status) for case in accepted if case.task is not None)
    return {
        "registered": sum(case.was_registered for case in result.cases),
        "registered again, since the frontend failed": result.deeds.not_created + result.deeds.not_sent,
        **{f"  whose submit {answer}": answers[answer] for answer in sorted(answers)},
        "accepted": len(accepted),
        "terminal": sum(case.task is not None and case.task.is_terminal for case in accepted),
        **{f"  {status}": statuses[status] for status in sorted(statuses)},
        "runs with evidence": sum(len(case.runs) for case in result.cases),
        "attempts": len(attempts),
        "  whose owner was lost": attempts.count(OWNER_LOST),
        "  handed back": attempts.count("handed back"),
        "accepted, lost with Redis and its scheduler": sum(case.is_forgotten for case in result.cases),
        "records lost with Redis": sum(case.task is not None and case.task.record_lost for case in result.cases),
        "temporary files left by killed movers": sum(len(case.leftovers) for case in result.cases),
    }


def _answer_to(case: Case) -> str:
    for call in case.history.calls:
        if call.what == "submit":
            return f"was answered {call.answer.status}" if call.answer else "was not answered"
    return "was not sent"


def _attempts(case: Case) -> list[str]:
    return [attempt.outcome for attempt in case.task.attempts] if case.task else []


def _faults(result: Result) -> dict[str, int]:
    faults = {str(kind): result.faults.get(kind, 0) for kind in Kind}
    return {**faults, "answers that got lost": result.lost_answers, "connections that were cut": result.cut_connections}
