"""One process with all its ports, composed by the product's own container."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import count

from dishka import AsyncContainer, Provider, Scope, from_context, provide

from application.settings import Lifetimes, SchedulerConfig
from domain.ports import BlockStore, Clock, DispatchQueue, Entropy, Executor, RecordWatch, TaskStore
from entrypoints.container import make_container
from entrypoints.settings import ExecutorKind, Settings, StoreKind
from tests.simulation.clocks import ProcessClock
from tests.simulation.executors import SimulatedExecutor
from tests.simulation.queue import SimulatedQueue
from tests.simulation.stores import SimulatedBlocks, SimulatedStore
from tests.simulation.watch import SimulatedWatch

SETTINGS = Settings(store=StoreKind.MEMORY, executor=ExecutorKind.PLACEHOLDER)
"""The container wants some; everything that a replica takes from them is given by its machine."""


class ForetoldEntropy:
    """Implements :class:`domain.ports.Entropy` without chance: two machines never give the same nonce."""

    def __init__(self, machine: int) -> None:
        self._machine = machine
        self._numbers = count(1)

    def nonce(self) -> str:
        return f"{self._machine:03x}{next(self._numbers):06x}"

    def jitter(self) -> float:
        return (next(self._numbers) * 37 % 101) / 101


@dataclass(frozen=True)
class Machine:
    """What a process gets from outside."""

    clock: ProcessClock
    entropy: ForetoldEntropy
    store: SimulatedStore
    queue: SimulatedQueue
    blocks: SimulatedBlocks
    watch: SimulatedWatch
    executor: SimulatedExecutor
    config: SchedulerConfig


class MachineProvider(Provider):
    """Gives a machine's ports in place of the real ones."""

    scope = Scope.APP
    machine = from_context(Machine)

    @provide
    def clock(self, machine: Machine) -> Clock:
        return machine.clock

    @provide
    def entropy(self, machine: Machine) -> Entropy:
        return machine.entropy

    @provide
    def store(self, machine: Machine) -> TaskStore:
        return machine.store

    @provide
    def queue(self, machine: Machine) -> DispatchQueue:
        return machine.queue

    @provide
    def blocks(self, machine: Machine) -> BlockStore:
        return machine.blocks

    @provide
    def watch(self, machine: Machine) -> RecordWatch:
        return machine.watch

    @provide
    def executor(self, machine: Machine) -> Executor:
        return machine.executor

    @provide
    def config(self, machine: Machine) -> SchedulerConfig:
        return machine.config

    @provide
    def lifetimes(self, machine: Machine) -> Lifetimes:
        return machine.config.lifetimes


def compose(machine: Machine) -> AsyncContainer:
    """Return a container that composes a replica as the service does."""
    outer = _graph().parent_container
    assert outer is not None
    return outer({Settings: SETTINGS, Machine: machine}, scope=Scope.APP)


@cache
def _graph() -> AsyncContainer:
    """The product's container, made once: working out what needs what takes longer than a short run."""
    return make_container(SETTINGS, MachineProvider())
