from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.retry import RetryPolicy

policies = st.builds(RetryPolicy, st.integers(0, 50), st.floats(0.01, 60), st.floats(0.01, 3600))
jitters = st.floats(0, 1, exclude_max=True)


@given(policies, st.integers(1, 10**9), jitters)
def test_a_delay_is_bounded_and_the_count_of_retries_too(policy: RetryPolicy, failures: int, jitter: float) -> None:
    delay = policy.delay(failures, jitter)
    assert (delay is None) == (failures > policy.max_retries)
    if delay is not None:
        lowest = min(policy.base_s, policy.cap_s) / 2
        assert timedelta(seconds=lowest) <= delay <= timedelta(seconds=policy.cap_s)


@given(policies, st.integers(1, 49), jitters)
def test_delays_grow_up_to_the_cap(policy: RetryPolicy, failures: int, jitter: float) -> None:
    delay, next_delay = policy.delay(failures, jitter), policy.delay(failures + 1, jitter)
    if delay is not None and next_delay is not None:
        assert next_delay >= delay


@given(policies, st.integers(1, 50), jitters)
def test_jitter_spreads_over_the_upper_half(policy: RetryPolicy, failures: int, jitter: float) -> None:
    lowest, delay = policy.delay(failures, 0), policy.delay(failures, jitter)
    if lowest is not None and delay is not None:
        assert lowest <= delay <= 2 * lowest + timedelta(microseconds=1)


def test_the_backoff_is_exponential() -> None:
    policy = RetryPolicy(max_retries=4, base_s=2, cap_s=10)
    delays = [policy.delay(failures, 0) for failures in range(1, 6)]
    assert delays == [*(timedelta(seconds=seconds) for seconds in (1, 2, 4, 5)), None]
