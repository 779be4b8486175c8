"""The settings of the service itself, whatever executes the work."""

# ruff: noqa: RUF009 (`variable` returns a dataclass field)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from entrypoints.settings.kinds import (
    log_level,
    one_of,
    optional,
    redis_url,
    roots,
    seconds,
    service_limits,
    text,
    token,
    whole,
    zone,
)
from entrypoints.settings.values import ExecutorKind, MetricsAccess, MoverKind, RunAs, ServiceLimits, StoreKind, Tracing
from entrypoints.settings.variables import variable, variables_of

DEFAULT_TOKEN = "changeme"

_HAPROXY = "redis://haproxy-redis.dms-redis.svc.cluster.local"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """What does not depend on the executor, with how all of it is read; see :class:`.model.Settings`."""

    service_name: str = variable(
        "DMS_SERVICE_NAME", text(), "dms-scheduler", "Names the service in `/help` and in logs."
    )
    log_level: str = variable("DMS_LOG_LEVEL", log_level(), "INFO", "The least level that is logged.")
    timezone: ZoneInfo = variable(
        "DMS_TIMEZONE", zone(), ZoneInfo("Asia/Seoul"), "The zone of all times that are written for people."
    )
    host: str = variable("DMS_HOST", text(), "0.0.0.0", "The address to listen on.")
    port: int = variable("DMS_PORT", whole(0, 65535), 9000, "The port to listen on; 0 takes a free one.")
    workers: int = variable(
        "DMS_WORKERS", whole(1, 64), 1, "Processes that share the port; each is a replica with slots of its own."
    )
    replica: str = variable(
        "DMS_REPLICA",
        text(),
        "",
        "Names this replica to operators, who may drain it; keep it over a restart. Its workers share it.",
        shown="the host's name",
    )
    operator_token: str = variable(
        "DMS_OPERATOR_TOKEN",
        token(),
        DEFAULT_TOKEN,
        "What `/admin/*` wants in the header `X-Operator-Token`. The default is known to everybody: set your own.",
        secret=True,
    )
    metrics: MetricsAccess = variable(
        "DMS_METRICS",
        one_of(MetricsAccess),
        MetricsAccess.OPEN,
        "`open`: everybody may read `/metrics`; `token`: who sends the operators' token; `off`: nothing is counted.",
    )
    tracing: Tracing = variable(
        "DMS_TRACING",
        one_of(Tracing),
        Tracing.OFF,
        "`otlp`: spans go to the collector that OpenTelemetry's own variables (`OTEL_*`) name; needs "
        "`pip install 'dms-scheduler[otel]'`.",
    )
    operator_tokens_file: str = variable(
        "DMS_OPERATOR_TOKENS_FILE",
        text(),
        "",
        "A file with a line `name:token` for each operator, so that the audit tells them apart. `DMS_OPERATOR_TOKEN` "
        "works beside it under the name `operator`, unless it has its default.",
        shown="none",
    )

    store: StoreKind = variable(
        "DMS_STORE",
        one_of(StoreKind),
        StoreKind.REDIS,
        "`redis`, or `memory`: one process that forgets everything when it ends.",
    )
    redis_write_url: str = variable(
        "DMS_REDIS_WRITE_URL", redis_url(), f"{_HAPROXY}:6379/0", "The Redis server that takes writes."
    )
    redis_read_url: str = variable(
        "DMS_REDIS_READ_URL",
        redis_url(),
        f"{_HAPROXY}:6380/0",
        "A replica for listings. Where only the write URL is set, that one serves the reads too.",
    )
    redis_min_replicas_ack: int = variable(
        "DMS_REDIS_MIN_REPLICAS_ACK",
        whole(0, 100),
        0,
        "A task counts as accepted only when so many replicas of Redis have it. 0 waits for none.",
    )
    redis_task_ttl_s: int = variable(
        "DMS_REDIS_TASK_TTL_SECONDS",
        whole(60, 2_000_000_000),
        7_776_000,
        "How long a record that `dms-scheduler register` writes is kept; give it the frontend's value.",
    )

    executor: ExecutorKind = variable(
        "DMS_EXECUTOR",
        one_of(ExecutorKind),
        ExecutorKind.LOCAL,
        "`local` moves data on this machine, `kubernetes` on a cluster; `placeholder` moves nothing and says so.",
    )
    placeholder_s: float = variable(
        "DMS_PLACEHOLDER_SECONDS", seconds(0), 0.1, "How long the placeholder takes for a task."
    )
    allowed_roots: tuple[str, ...] = variable(
        "DMS_ALLOWED_ROOTS",
        roots(),
        (),
        "Directories that tasks may touch, separated by colons. The local executor does not start without them.",
        shown="none",
    )
    mover: MoverKind | None = variable(
        "DMS_MOVER",
        optional(one_of(MoverKind)),
        None,
        "`rsync` keeps hard links and is the faster on most machines; `rclone` copies several files at once.",
        shown="`rsync` where it is installed, else `rclone`",
    )
    run_as: RunAs | None = variable(
        "DMS_RUN_AS",
        optional(one_of(RunAs)),
        None,
        "`user` moves data with the rights of the task's user and needs root; `service` with those of the service.",
        shown="`user` as root, else `service`",
    )

    slots: int = variable("DMS_SLOTS", whole(1, 10_000), 16, "Tasks that one replica runs at once.")
    limit_per_user: int | None = variable(
        "DMS_LIMIT_PER_USER", optional(whole(1)), None, "Tasks of one user at work at once.", shown="no limit"
    )
    limit_per_service: ServiceLimits = variable(
        "DMS_LIMIT_PER_SERVICE",
        service_limits(),
        ServiceLimits(),
        "Tasks of one service at work at once: a number for every service, named ones (`sync=4,rm=2`), or both.",
        shown="no limit",
    )
    most_waiting: int = variable(
        "DMS_MAX_WAITING", whole(1), 1_000_000, "Submits are refused while so many tasks wait for their turn."
    )
    most_requests: int = variable(
        "DMS_MAX_REQUESTS", whole(1), 1000, "Submits and cancels that one process works on at once; more are refused."
    )
    max_retries: int = variable(
        "DMS_RETRY_MAX", whole(0, 1000), 5, "How often a task is tried again after a transient failure."
    )
    retry_base_s: float = variable(
        "DMS_RETRY_BASE_SECONDS",
        seconds(0.01),
        2.0,
        "The first pause before a retry; each further one is twice as long.",
    )
    retry_cap_s: float = variable("DMS_RETRY_CAP_SECONDS", seconds(0.01), 300.0, "The longest pause before a retry.")

    lease_s: float = variable(
        "DMS_LEASE_SECONDS", seconds(1, 3600), 15.0, "A replica that is silent for this long loses its tasks."
    )
    kill_grace_s: float = variable(
        "DMS_KILL_GRACE_SECONDS", seconds(0, 3600), 2.0, "How long stopped work may take to end before it is killed."
    )
    shutdown_grace_s: float = variable(
        "DMS_SHUTDOWN_GRACE_SECONDS", seconds(0, 3600), 5.0, "How long a shutdown lets short work end by itself."
    )
    sweep_s: float = variable(
        "DMS_SWEEP_SECONDS",
        seconds(1.5, 86400),
        60.0,
        "How often all live and recently ended records are compared with what we know, besides at once on a change.",
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read every variable. Raises :class:`~entrypoints.settings.SettingsError` for the first bad one."""
        given: dict[str, Any] = {
            field: each.read(environ[each.name]) for field, each in variables_of(cls) if environ.get(each.name)
        }
        if "redis_write_url" in given:
            given.setdefault("redis_read_url", given["redis_write_url"])
        return cls(**given)

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which a child process reads these very settings; secrets are among them."""
        every = {each.name: each.kind.show(getattr(self, field)) for field, each in variables_of(type(self))}
        return {name: value for name, value in every.items() if value}
