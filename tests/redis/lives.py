"""Whole lives of task 10, each a fixed sequence of what users, operators and one replica do."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from domain.errors import Refused
from domain.execution import Failed
from domain.values import Priority
from tests.redis.desk import TTL_MS, Desk, document
from tests.redis.interference import InterferedQueue, InterferedStore, Steps
from tests.redis.office import Office
from tests.support.manual_executor import DONE

Life = Callable[[Office], Awaitable[None]]


async def completed(office: Office) -> None:
    """Submitted, run, cancelled too late, and compared."""
    with suppress(Refused):
        await office.change_priority("10", Priority.HIGH)
    with suppress(Refused):
        await office.submit("10")
    with suppress(Refused):
        await office.submit("10")
    await office.work()
    with suppress(Refused):
        await office.cancel("10")
    await office.reconcile(["10"])


async def cancelled_while_it_waits(office: Office) -> None:
    """Submitted, moved, cancelled, and given to a replica that finds nothing."""
    with suppress(Refused):
        await office.submit("10")
    with suppress(Refused):
        await office.change_priority("10", Priority.HIGH)
    await office.reconcile(["10"])
    with suppress(Refused):
        await office.cancel("10")
    await office.work()
    await office.reconcile(["10"])


async def tried_again(office: Office) -> None:
    """Failed at first, and run again."""
    with suppress(Refused):
        await office.submit("10")
    office.executor.at_once = Failed("the network broke", transient=True)
    await office.work()
    office.executor.at_once = DONE
    await office.reconcile(["10"])
    await office.make_retries_due()
    await office.work()
    await office.reconcile(["10"])


async def taken_over(office: Office) -> None:
    """Claimed by a replica that dies, and run by another."""
    with suppress(Refused):
        await office.submit("10")
    await office.claim_and_die()
    await office.take_over()
    await office.work()
    await office.reconcile(["10"])


async def refused(office: Office) -> None:
    """Its service is unknown."""
    with suppress(Refused):
        await office.submit("10", service="unknown")
    await office.reconcile(["10"])


async def cancelled_before_it_was_submitted(office: Office) -> None:
    """A cancel that overtakes its submit."""
    with suppress(Refused):
        await office.cancel("10")
    with suppress(Refused):
        await office.submit("10")
    await office.work()
    await office.reconcile(["10"])


async def settled(office: Office) -> None:
    """Left behind by the previous scheduler."""
    await office.settle()
    await office.reconcile(["10"])


async def accepted_at_the_change_over(office: Office) -> None:
    """The same, and run."""
    await office.settle(resubmit=True)
    await office.work()
    await office.reconcile(["10"])


THAT_GIVE_WAY = (settled, accepted_at_the_change_over)
"""Whoever settles what was left behind lets go of a record that somebody else is at work on."""

LIVES: tuple[Life, ...] = (
    completed,
    cancelled_while_it_waits,
    tried_again,
    taken_over,
    refused,
    cancelled_before_it_was_submitted,
    *THAT_GIVE_WAY,
)


async def live(life: Life, desk: Desk, steps: Steps, ttl_ms: int | None = TTL_MS) -> Office:
    """Save the record that a life begins with, and live it step by step."""
    await desk.redis.flushall()
    await desk.put("10", document("10", service="unknown" if life is refused else "sync"), ttl_ms)
    await desk.redis.sadd("index:tasks", "10")
    office = Office(desk, InterferedStore(desk.store, steps), InterferedQueue(desk.queue, steps))
    await steps.begin()
    await life(office)
    return office
