"""What is said of a task that no longer waits: who is at it and how far, or how and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.logs import one_line


@dataclass(frozen=True, slots=True)
class Claimed:
    """A replica has it in hand, and has not asked the executor yet."""

    owner: str

    @property
    def sentence(self) -> str:
        """For people."""
        return f"replica {self.owner} has claimed it and is about to start it"


@dataclass(frozen=True, slots=True)
class Starting:
    """The executor was asked, and has not confirmed that the work is at work."""

    attempt: int
    owner: str
    asked_at: datetime
    executor: str
    """The executor's word on it; empty where it has said nothing."""

    @property
    def sentence(self) -> str:
        """For people."""
        word = f", which says: {self.executor}" if self.executor else ""
        return one_line(f"attempt {self.attempt} waits for the executor{word}")


@dataclass(frozen=True, slots=True)
class Running:
    """It runs."""

    attempt: int
    owner: str
    started_at: datetime
    progress: str
    """Empty where nothing is known of it."""
    executor: str
    """The executor's word on it; empty where it has said nothing."""

    @property
    def sentence(self) -> str:
        """For people."""
        far = f", {self.progress}" if self.progress else ""
        return f"it is running (attempt {self.attempt}{far})"


@dataclass(frozen=True, slots=True)
class Stopping:
    """Somebody wants it stopped, and its owner has not stopped it yet."""

    owner: str
    asked: str
    """The log's word on the cancel."""

    @property
    def sentence(self) -> str:
        """For people."""
        return one_line(f"its work is being stopped: {self.asked}")


@dataclass(frozen=True, slots=True)
class Done:
    """The work was done."""

    attempts: int

    @property
    def sentence(self) -> str:
        """For people."""
        return f"it has completed in attempt {self.attempts}"


@dataclass(frozen=True, slots=True)
class FailedFor:
    """It failed for good."""

    failure: str
    attempts: int
    """0 where it was refused before any."""

    @property
    def sentence(self) -> str:
        """For people."""
        when = f" in attempt {self.attempts}" if self.attempts else ""
        return one_line(f"it failed{when}: {self.failure}")


@dataclass(frozen=True, slots=True)
class CancelledFor:
    """Somebody wanted it stopped."""

    asked: str
    """The log's word on who."""

    @property
    def sentence(self) -> str:
        """For people."""
        return one_line(f"it was cancelled: {self.asked}")


Stage = Claimed | Starting | Running | Stopping | Done | FailedFor | CancelledFor
