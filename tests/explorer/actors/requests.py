"""Requests of frontends and operators at a replica."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from application.operator_cancel import CancelByOperator
from application.retry import Retry, RetryTask
from domain.blocks import Block
from domain.errors import Blocked, Refused
from domain.operators import Decision
from domain.values import Priority
from tests.explorer.scenario import Named
from tests.explorer.stage import Stage
from tests.explorer.verdict import ACCEPTED


def submits(who: str, task_id: str = "1") -> Named:
    """A frontend submits the task; whoever does so insists."""
    name = f"{who} submits {task_id}"

    async def act(at: Stage) -> str:
        replica, record = at.replicas[who], at.records[task_id]
        at.judge.submit_begins(name, record.user_id)
        try:
            await replica.insist(lambda: replica.process.submit(record))
        except Blocked:
            at.judge.submit_refused(name)
            raise
        return ACCEPTED

    return _answered(name, act)


def cancels(who: str, task_id: str = "1") -> Named:
    """A frontend cancels the task, and insists."""

    async def act(at: Stage) -> str:
        replica, record = at.replicas[who], at.records[task_id]
        status = await replica.insist(lambda: replica.process.cancel(record))
        if status == "cancelled":
            at.judge.said_cancelled.add(task_id)
        return status

    return _answered(f"{who} cancels {task_id}", act)


def changes_priority(who: str, priority: Priority = Priority.HIGH, task_id: str = "1") -> Named:
    """An operator changes the priority, and insists."""

    async def act(at: Stage) -> str:
        replica = at.replicas[who]
        await replica.insist(lambda: replica.process.change_priority(task_id, priority))
        return "changed"

    return _answered(f"{who} makes {task_id} {priority}", act)


def stops(who: str, task_id: str = "1") -> Named:
    """An operator cancels the task, and insists."""

    async def act(at: Stage) -> str:
        replica = at.replicas[who]
        stop = CancelByOperator(replica.process.ledger)
        return str(await replica.insist(lambda: stop(task_id, Decision(f"{who}'s"))))

    return _answered(f"{who} stops {task_id}", act)


def retries(who: str, task_id: str = "1") -> Named:
    """An operator wants the task run again, and insists."""

    async def act(at: Stage) -> str:
        replica = at.replicas[who]
        retry_task = RetryTask(replica.process.ledger, replica.process.tools.executor)
        retry = Retry(task_id, Decision(f"{who}'s"))
        await replica.insist(lambda: retry_task(retry))
        return "retried"

    return _answered(f"{who} retries {task_id}", act)


def blocks(who: str, user_id: str | None = "alice", *, blocked: bool = True) -> Named:
    """An operator blocks (or enables) a user, or everybody, and insists."""
    block = Block() if blocked else None
    name = f"{who} {'blocks' if blocked else 'enables'} {user_id or 'everybody'}"

    async def act(at: Stage) -> str:
        replica = at.replicas[who]
        if user_id is None:
            await replica.insist(lambda: replica.set_block.everybody(block))
        else:
            await replica.insist(lambda: replica.set_block.user(user_id, block))
        return "done"

    return _answered(name, act)


def _answered(name: str, act: Callable[[Stage], Awaitable[str]]) -> Named:
    async def noted(at: Stage) -> None:
        try:
            at.answers[name] = await act(at)
        except Refused as refusal:
            at.answers[name] = type(refusal).__name__

    return Named(name, noted, (name,))
