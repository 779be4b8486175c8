"""The use cases of one replica on a desk, each called by hand: nothing runs in the background."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from adapters.redis.block_store import RedisBlockStore
from adapters.redis.registered import RedisRegisteredTasks
from application.attempts import Attempt
from application.blocks import SetBlock
from application.cancel import Cancellation, CancelTask
from application.changeover import Settled, SettleUnowned
from application.dispatcher import Dispatcher
from application.leases import TakeOver
from application.ledger import Ledger
from application.priority import ChangePriority
from application.reconciling import ReconcileTasks
from application.settings import SchedulerConfig
from application.submit import SubmitTask
from application.tools import Tools
from domain.admission import Submission
from domain.ports import DispatchQueue, TaskStore
from domain.task import Task
from domain.values import Parameters, Priority
from tests.redis.desk import LEASE_S, Desk, document, task_of
from tests.support.manual_executor import DONE, ManualExecutor

PARAMETERS = document("1")["parameters"]


class Numbers:
    """Randomness that a test can foretell."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def nonce(self) -> str:
        return f"{next(self._numbers):016x}"

    def jitter(self) -> float:
        return 0.0


class Room:
    """A dispatcher that has room, and is woken by nobody."""

    has_room = True

    def wake(self) -> None:
        pass


class Office:
    """`store` and `queue` may be wrapped to interfere with what happens between two steps."""

    def __init__(self, desk: Desk, store: TaskStore | None = None, queue: DispatchQueue | None = None) -> None:
        self.desk = desk
        self.store = store or desk.store
        self.queue: DispatchQueue = queue or desk.queue
        self.executor = ManualExecutor(at_once=DONE)
        self.ledger = Ledger(self.store, desk.clock)
        self.tools = Tools(self.ledger, self.executor, desk.clock, Numbers(), SchedulerConfig("replica-1"))
        self.block = SetBlock(RedisBlockStore(desk.endpoints))
        self._submit = SubmitTask(self.store, self.ledger, self.executor, desk.clock, Room(), self.tools.config)
        self._cancel = CancelTask(self.ledger)
        self._change_priority = ChangePriority(self.ledger)
        self._reconcile = ReconcileTasks(self.store, self.ledger, lambda task_id, task: None)
        registered = RedisRegisteredTasks(desk.endpoints)
        self._settle = SettleUnowned(registered, self.store, self.executor, desk.clock)

    async def submit(
        self, task_id: str, service: str = "sync", user_id: str = "alice", parameters: Parameters | None = None
    ) -> Task:
        if parameters is None:
            assert isinstance(PARAMETERS, dict)
            parameters = PARAMETERS
        return await self._submit(Submission(task_id, service, user_id, parameters))

    async def cancel(self, task_id: str, service: str = "sync", user_id: str = "alice") -> str:
        return await self._cancel(Cancellation(task_id, service, user_id))

    async def change_priority(self, task_id: str, priority: Priority = Priority.HIGH) -> None:
        await self._change_priority(task_id, priority)

    async def reconcile(self, task_ids: Iterable[str]) -> int:
        return await self._reconcile(task_ids)

    async def settle(self, *, resubmit: bool = False) -> Sequence[Settled]:
        return [settled async for settled in self._settle(resubmit=resubmit)]

    async def work(self, slots: int = 4) -> int:
        """Claim what may run, bring it home, and return how many tasks that were."""
        nonces = [self.tools.entropy.nonce() for _ in range(slots)]
        claimed = await self.queue.claim("replica-1", nonces, self.desk.limits, LEASE_S)
        for snapshot in claimed:
            lease = task_of(snapshot).lease
            assert lease is not None
            await Attempt(snapshot, lease, self.tools.clock.monotonic() + LEASE_S, self.tools).run()
        return len(claimed)

    async def claim_and_die(self) -> None:
        """Claim what may run, and never say a word of it again; the leases end at once."""
        claimed = await self.queue.claim("replica-0", [self.tools.entropy.nonce()], self.desk.limits, LEASE_S)
        for snapshot in claimed:
            await self._set_score("dms:scheduler:live", snapshot.task_id)

    async def take_over(self) -> int:
        """Take over what has expired, and return how many tasks that were."""
        dispatcher = Dispatcher(self.queue, self.tools)
        return await TakeOver(self.queue, dispatcher, self.tools)()

    async def make_retries_due(self) -> None:
        """Let the time of every delayed task come, by the server's clock."""
        delayed = "dms:scheduler:delayed"
        for member in await self.desk.endpoints.attempt(lambda: self.desk.redis.zrange(delayed, 0, -1)):
            await self._set_score(delayed, member)

    async def _set_score(self, name: str, member: Any) -> None:
        """Let a moment be long ago, also where somebody has just closed all connections."""
        await self.desk.endpoints.attempt(lambda: self.desk.redis.zadd(name, {member: 1}))
