"""What keeps a loop alive."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from domain.ports import ExecutorUnavailable, StoreUnavailable

log = logging.getLogger(__name__)


@contextmanager
def survived(what: str) -> Iterator[None]:
    """Log why ``what`` could not be done, so that the loop goes on: other tasks, and later rounds, depend on it."""
    try:
        yield
    except StoreUnavailable as error:
        log.warning("not done while the store is away: %s", what, extra={"reason": str(error)})
    except ExecutorUnavailable as error:
        log.warning("not done while the executor does not answer: %s", what, extra={"reason": str(error)})
    except Exception:
        log.exception("not done because of a bug: %s", what)
