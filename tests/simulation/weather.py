"""What the world does to processes and their calls: the faults of a run, as it decides them."""

from __future__ import annotations

from tests.simulation.decisions import Decisions
from tests.simulation.fates import AT_ONCE, CALM, CUT_OFF_AFTER_S, CUT_OFF_S, FATES, FIRST_SLOW, FREEZES_S, Fate, Storm
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.story import Story

_AT_ONCE = FATES.index(AT_ONCE)


class Weather:
    """Gives every call its fate, and strikes processes."""

    def __init__(self, loop: SimulationLoop, decisions: Decisions, storm: Storm, story: Story) -> None:
        self._loop = loop
        self._decisions = decisions
        self._storm = storm
        self._story = story
        self._is_calm = False
        self._away_until: dict[str, float] = {}

    def calms_down(self) -> None:
        """From now on nothing fails any more."""
        self._storm = CALM
        self._is_calm = True
        self._away_until.clear()

    def fate(self, life: Life, question: str) -> Fate:
        """Decide what becomes of a call of this process."""
        answer = self._decisions.weigh(question, self._storm.of_calls)
        if answer == _AT_ONCE:
            return AT_ONCE
        fate = FATES[answer]
        if answer >= FIRST_SLOW:
            life.troubled_at.append(self._loop.time())
        return fate

    # --- the store ---------------------------------------------------------------------------------------------

    def takes_store_away(self, seconds: float, life_name: str = "") -> None:
        """Keep one process, or all for "", from the store for a while."""
        self._away_until[life_name] = self._loop.time() + seconds

    def store_is_away_for_s(self, life: Life) -> float:
        """For how many seconds calls that arrive from a process are lost; 0 where they are not."""
        if not self._away_until:
            return 0.0
        until_s = max(self._away_until.get(name, 0.0) for name in ("", life.name))
        return max(0.0, until_s - self._loop.time())

    def strikes_holder(self, life: Life, question: str) -> None:
        """A process just got or renewed a lease, and may not have heard of it yet."""
        match self._decisions.weigh(question, self._storm.of_holders):
            case 1:
                self.kill(life)
            case 2:
                self.freeze(life, f"{question} freezes")
            case 3:
                self.freeze_and_cut_off(life, f"{question} freezes")

    # --- processes ---------------------------------------------------------------------------------------------

    def kill(self, life: Life) -> None:
        """End a process as `kill -9` does."""
        if not life.is_dead:
            self._story.tell(life.name, "IS KILLED")
            self._loop.kill(life)

    def freeze(self, life: Life, question: str) -> float:
        """SIGSTOP, and SIGCONT some time later; return how many seconds later."""
        seconds = FREEZES_S[self._decisions.number(question, len(FREEZES_S))]
        if not life.is_dead:
            self._story.tell(life.name, f"IS FROZEN for {seconds:g} s")
            life.troubled_at.append(self._loop.time() + seconds)
            self._loop.freeze(life, seconds)
        return seconds

    def freeze_and_cut_off(self, life: Life, question: str) -> None:
        """Freeze it, and keep it from the store soon after it goes on."""
        seconds = self.freeze(life, question)
        seconds += CUT_OFF_AFTER_S[self._decisions.number(f"{question}, and is cut off after", len(CUT_OFF_AFTER_S))]
        self._loop.later(seconds, lambda: self.cuts_off(life, CUT_OFF_S))

    def cuts_off(self, life: Life, seconds: float) -> None:
        """Keep one process from the store for a while."""
        if not self._is_calm and not life.is_dead:
            self._story.tell(life.name, f"IS CUT OFF from the store for {seconds:g} s")
            self.takes_store_away(seconds, life.name)
