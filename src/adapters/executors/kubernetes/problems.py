"""What can be wrong with a template, with a value that it is given, and with the cluster."""

from __future__ import annotations

from adapters.executors.problems import ConfigurationProblem

TOO_NEW = "Too large resource version"
"""How the API server's message begins (504) where it is asked for a version that its etcd has not reached."""


class TemplateProblem(ConfigurationProblem):
    """A template cannot be used. Its text names the file, the line and the reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")


class UnfitValue(ValueError):
    """A value cannot stand where it should; the text says so in plain words."""

    def __init__(self, text: str, near: str = "") -> None:
        """``near``: part of a line of what the template rendered, by which the place is found."""
        super().__init__(text)
        self.near = near


class ApiFault(Exception):
    """The API server refused a request, or did not answer it."""

    def __init__(self, code: int, reason: str, message: str, retry_after_s: float | None = None) -> None:
        """Take the answer apart.

        Args:
            code: the HTTP status, 0 where there was no answer.
            reason: the machine-readable reason of the server's ``Status``, such as ``AlreadyExists``.
            message: for people.
            retry_after_s: how long the server asked us to wait, in seconds.
        """
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.retry_after_s = retry_after_s

    @property
    def is_gone(self) -> bool:
        """Whether the resource version is too old, or newer than all that a restored etcd knows: list again."""
        return self.code == 410 or TOO_NEW in self.message

    @property
    def is_missing(self) -> bool:
        """Whether there is no such object."""
        return self.code == 404

    @property
    def is_passing(self) -> bool:
        """Whether the same request may be answered later: no answer, an overloaded or a broken server."""
        return self.code in (0, 408, 429) or self.code >= 500


class NeverSent(ApiFault):
    """The server could not be reached at all, so it cannot have done what it was asked."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "Unreachable", message)
