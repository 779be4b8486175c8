"""What goes wrong by the clock: processes die, are stopped, frozen and started again, and the store fails over."""

from __future__ import annotations

import asyncio
from random import Random

from tests.simulation.decisions import Weights
from tests.simulation.failover import FailOver
from tests.simulation.loop import Life
from tests.simulation.process import Process
from tests.simulation.world import World

MOST = 8
STORM_S = 13.0
MOMENTS = 52
KINDS = ("", "kill", "terminate", "freeze", "clock jump", "cut off", "store away", "store flickers", "fail-over")
RESTARTS_S = (0.3, 0.05, 1.0, 3.0, 6.0)
JUMPS_S = (3600.0, -3600.0, 7.0, -7.0, 40_000.0, -40_000.0)
AWAY_S = (1.0, 0.3, 2.5, 4.5, 9.0)
BACK_S = (0.31, 0.35, 0.6, 1.0)
"""Hardly long enough for what is made up for when the store is back."""
MOST_FAIL_OVERS = 2


def mishaps(dice: Random) -> Weights:
    """Return how likely each kind is in one seed."""
    return Weights(
        [
            dice.choice((2.0, 6.0, 30.0)),
            *(dice.choice((0.0, 1.0, 3.0)) for _ in KINDS[1:-1]),
            dice.choice((0.0, 1.0, 3.0)),
        ]
    )


class Mishaps:
    """Strikes the replicas, and starts dead ones again."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._weights = mishaps(Random(-seed - 1))
        self._starts = [0] * world.shape.replicas
        self.processes: list[Process] = []
        """Those that run now, or ran last, one per replica."""
        self.fail_overs: list[FailOver] = []
        self._is_over = False

    def begin(self) -> None:
        """Start the replicas, and decide what strikes when."""
        for number in range(self._world.shape.replicas):
            self.processes.append(self._start(number))
        for number in range(MOST):
            self._decide(number)

    async def end(self) -> None:
        """Return when nothing strikes any more and all replicas run."""
        self._is_over = True
        self._world.weather.calms_down()
        for watch in self._world.watches:
            watch.is_calm = True
        await asyncio.sleep(max(process.life.frozen_until for process in self.processes) - self._world.loop.time())
        for number, process in enumerate(self.processes):
            if process.life.is_dead:
                self.processes[number] = self._start(number)
        self._set_clocks_right()

    def let_time_pass(self, seconds: float) -> None:
        """Set the store's clock ahead, so that what waits for a moment far away need not wait for it."""
        self._world.server_clock.ahead_s += seconds

    # --- processes ---------------------------------------------------------------------------------------------

    def _start(self, number: int) -> Process:
        self._starts[number] += 1
        life = Life(f"r{number + 1}.{self._starts[number]}")
        self._world.judge.lives[life.name] = life
        life.at_death.append(lambda: self._start_again(number, life))
        return Process(self._world, life)

    def _start_again(self, number: int, dead: Life) -> None:
        if self._world.loop.is_over:
            return
        seconds = RESTARTS_S[self._world.decisions.number(f"{dead.name} is started again after", len(RESTARTS_S))]

        def start() -> None:
            if self.processes[number].life is dead:
                self.processes[number] = self._start(number)

        self._world.loop.later(seconds, start)

    def _set_clocks_right(self) -> None:
        for process in self.processes:
            process.machine.clock.ahead_s = 0.0

    # --- what strikes --------------------------------------------------------------------------------------------

    def _decide(self, number: int) -> None:
        decisions = self._world.decisions
        question = f"mishap {number}"
        kind = KINDS[decisions.weigh(question, self._weights)]
        if not kind:
            return
        at_s = decisions.number(f"{question}: when", MOMENTS) * STORM_S / MOMENTS
        if kind == "fail-over":
            if len(self.fail_overs) < MOST_FAIL_OVERS:
                self.fail_overs.append(FailOver(self._world, question, at_s))
            return
        self._world.loop.later(at_s, lambda: self._strike(kind, question))

    def _take_store_away(self, seconds: float) -> None:
        if not self._is_over:
            self._world.story.tell("STORE", f"IS AWAY for {seconds:g} s")
            self._world.weather.takes_store_away(seconds)

    def _strike(self, kind: str, question: str) -> None:
        if self._is_over:
            return
        world, ask = self._world, self._world.decisions.number
        process = self.processes[ask(f"{question}: whom", len(self.processes))]
        if kind in ("store away", "store flickers"):
            seconds = AWAY_S[ask(f"{question}: how long", len(AWAY_S))]
            self._take_store_away(seconds)
            if kind == "store flickers":
                back_s = BACK_S[ask(f"{question}: comes back for", len(BACK_S))]
                world.loop.later(seconds + back_s, lambda: self._take_store_away(seconds))
        elif process.life.is_dead:
            return
        elif kind == "kill":
            world.weather.kill(process.life)
        elif kind == "terminate":
            process.terminate()
        elif kind == "freeze":
            world.weather.freeze(process.life, f"{question}: how long")
        elif kind == "cut off":
            seconds = AWAY_S[ask(f"{question}: how long", len(AWAY_S))]
            world.weather.cuts_off(process.life, seconds)
        elif kind == "clock jump":
            seconds = JUMPS_S[ask(f"{question}: how far", len(JUMPS_S))]
            world.story.tell(process.life.name, f"ITS CLOCK JUMPS by {seconds:g} s")
            world.judge.clocks_have_jumped = True
            process.machine.clock.ahead_s += seconds
