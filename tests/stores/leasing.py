"""The steps of a store and its oracle in which tasks are leased."""

from collections.abc import Mapping, Sequence

from domain.dispatch import Limits
from domain.ports import Snapshot
from domain.task import Task
from domain.values import Lease
from tests.stores.machine import StoreAndOracle
from tests.stores.oracle import Kind

LEASE_S = 600.0


class LeasingSteps(StoreAndOracle):
    """Claims, take-overs and renewals. Answers get lost: a call may be made again."""

    def __init__(self) -> None:
        super().__init__()
        self.recovering = False
        """Whether a recovery window is open, in which nothing is leased anew."""
        self._nonces_of_last_call: dict[tuple[Kind, str], Sequence[str]] = {}

    def claim_for(self, owner: str, slots: int, limits: Limits) -> None:
        self._claim(owner, self.nonces(slots), limits)

    def claim_again(self, owner: str, limits: Limits) -> None:
        self._claim(owner, self._nonces_of_last_call.get((Kind.CLAIM, owner), ()), limits)

    def take_over_for(self, owner: str, number: int) -> None:
        self._take_over(owner, self.nonces(number))

    def take_over_again(self, owner: str) -> None:
        self._take_over(owner, self._nonces_of_last_call.get((Kind.TAKE_OVER, owner), ()))

    def renew_all(self, leases: Mapping[str, Lease], lease_s: float) -> None:
        assert self.do(self.store.queue.renew(leases, lease_s)) == self.oracle.renew(leases)

    def nonces(self, number: int) -> list[str]:
        """Return token parts that nobody has used."""
        self.steps += 1
        return [f"{self.steps:08x}{index:08x}" for index in range(number)]

    def _claim(self, owner: str, nonces: Sequence[str], limits: Limits) -> None:
        claimed = self.do(self.store.queue.claim(owner, nonces, limits, LEASE_S))
        expected = self._repeated(Kind.CLAIM, owner, nonces)
        if expected is None:
            expected = [] if self.recovering else self.oracle.claim(owner, nonces, limits)
        self._check_leased(claimed, expected)

    def _take_over(self, owner: str, nonces: Sequence[str]) -> None:
        taken = self.do(self.store.queue.take_over(owner, nonces, LEASE_S))
        expected = self._repeated(Kind.TAKE_OVER, owner, nonces)
        if expected is None:
            expected = [] if self.recovering else self.oracle.take_over(owner, nonces)
        self._check_leased(taken, expected)

    def _repeated(self, kind: Kind, owner: str, nonces: Sequence[str]) -> list[Task] | None:
        self._nonces_of_last_call[kind, owner] = nonces
        return self.oracle.repeat(kind, owner, nonces)

    def _check_leased(self, leased: Sequence[Snapshot], expected: Sequence[Task]) -> None:
        assert [snapshot.task for snapshot in leased] == expected
        assert [snapshot.record for snapshot in leased] == [self.oracle.records.get(task.task_id) for task in expected]
