"""What Redis or the network may refuse, in words that an operator understands, and whether to try again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from redis.exceptions import AuthenticationError, AuthorizationError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an operation on Redis failed."""

    words: str
    """What Redis is or does, to stand behind its name."""
    passes: bool = False
    """Whether it may be over within seconds though nobody does anything, so that another try makes sense."""
    is_known: bool = True
    """False for what no operation of ours should meet, such as a bug in a script."""
    kind: str = "unexpected"
    """One of :data:`KINDS`, for statistics."""


NAMED: Mapping[str, Fault] = {
    "LOADING": Fault("is loading its data after a start", passes=True),
    "READONLY": Fault("is a replica, which takes no writes", passes=True),
    "MASTERDOWN": Fault("is a replica that has lost its master", passes=True),
    "BUSY": Fault("is busy with a script or function that is not ours", passes=True),
    "OOM": Fault("is out of memory: it has reached its maxmemory, and takes nothing new"),
    "MISCONF": Fault("cannot save its data to disk, and takes no writes until it can"),
    "NOREPLICAS": Fault("has too few replicas connected (its min-replicas-to-write), and takes no writes"),
    "NOAUTH": Fault("wants a password: put it into {setting}"),
    "WRONGPASS": Fault("refuses the name or password: correct {setting}"),
    "NOPERM": Fault("lets its user not do what we need: grant it, or name another user in {setting}"),
}
"""By the word that begins Redis' error. ``{setting}`` stands for the setting that holds the endpoint's address."""

KINDS = frozenset({*map(str.lower, NAMED), "pool_empty", "timeout", "unreachable", "unexpected"})
"""What errors are counted under: Redis' own words, and few more."""

_REFUSED_TO_SCRIPT = re.compile(r"The user executing the script can't |ACL failure in script")
"""How Redis says NOPERM of a command inside of a script; 7.0 and later versions differ."""

_POOL_IS_EMPTY = "No connection available."

_ANNOTATED = re.compile(r"Command # \d+ .* of pipeline caused error: \(['\"](.*)['\"],?\)\Z", re.DOTALL)
"""What redis-py makes of an error in a pipeline."""


def fault_of(error: Exception, setting: str) -> Fault:
    """Return what an error means. Never does it tell a password: no address is in it but host and port."""
    text = _text_of(error)
    code = _code_of(error, text)
    named = NAMED.get(code)
    if named is None:
        return _nameless(error, text, setting)
    return Fault(f"{named.words.format(setting=setting)} ({code})", named.passes, kind=code.lower())


def _nameless(error: Exception, text: str, setting: str) -> Fault:
    if isinstance(error, AuthenticationError | AuthorizationError):
        return Fault(f"{NAMED['WRONGPASS'].words.format(setting=setting)} ({text})", kind="wrongpass")
    if text == _POOL_IS_EMPTY:
        return Fault("answers too slowly: all our connections to it were in use", passes=True, kind="pool_empty")
    if isinstance(error, TimeoutError | RedisTimeoutError):
        return Fault("did not answer in time", passes=True, kind="timeout")
    if isinstance(error, RedisConnectionError | OSError):
        return Fault(f"cannot be reached: {text}", passes=True, kind="unreachable")
    return Fault(f"answered what was not expected: {type(error).__name__}: {text}", is_known=False)


def _text_of(error: Exception) -> str:
    text = str(error)
    annotated = _ANNOTATED.match(text)
    return annotated[1] if annotated else text


def _code_of(error: Exception, text: str) -> str:
    if isinstance(error, ResponseError) and _REFUSED_TO_SCRIPT.search(text):
        return "NOPERM"
    code = getattr(error, "status_code", None)
    # redis-py has no class for some of them, and leaves their word in the text.
    return code if isinstance(code, str) else text.partition(" ")[0]
