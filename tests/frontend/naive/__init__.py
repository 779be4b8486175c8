"""A scheduler that loses updates, kept to show that the stand-in finds them."""

from tests.frontend.naive.records import NaiveMemoryRecords, NaiveRedisRecords
from tests.frontend.naive.scheduler import NaiveScheduler
from tests.frontend.naive.server import serve_naive

__all__ = ["NaiveMemoryRecords", "NaiveRedisRecords", "NaiveScheduler", "serve_naive"]
