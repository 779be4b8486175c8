"""The machine, and the numbers that the settings hold."""

from __future__ import annotations

import os
import socket

from dishka import Provider, Scope, from_context, provide

from adapters.system import SystemClock, SystemEntropy
from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.ports import Clock, Entropy
from domain.retry import RetryPolicy
from entrypoints.settings import Settings


class SystemProvider(Provider):
    """Clock, randomness and configuration."""

    scope = Scope.APP
    settings = from_context(Settings)

    @provide
    def clock(self, settings: Settings) -> Clock:
        return SystemClock(settings.timezone)

    @provide
    def entropy(self) -> Entropy:
        return SystemEntropy()

    @provide
    def lifetimes(self, settings: Settings) -> Lifetimes:
        return Lifetimes(
            lease_s=settings.lease_s,
            kill_grace_s=settings.kill_grace_s,
            shutdown_grace_s=settings.shutdown_grace_s,
            sweep_s=settings.sweep_s,
        )

    @provide
    def limits(self, settings: Settings) -> Limits:
        return Limits(
            per_user=settings.limit_per_user,
            per_service=dict(settings.limit_per_service.named),
            every_service=settings.limit_per_service.every,
        )

    @provide
    def config(self, settings: Settings, limits: Limits, lifetimes: Lifetimes, entropy: Entropy) -> SchedulerConfig:
        replica = settings.replica or socket.gethostname()
        return SchedulerConfig(
            # The nonce tells a process from an earlier one that had the same host and number.
            owner=f"{replica}-{os.getpid()}-{entropy.nonce()}",
            replica=replica,
            slots=settings.slots,
            limits=limits,
            most_waiting=settings.most_waiting,
            most_requests=settings.most_requests,
            retry=RetryPolicy(settings.max_retries, settings.retry_base_s, settings.retry_cap_s),
            lifetimes=lifetimes,
        )
