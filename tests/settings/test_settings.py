"""Reading the environment."""

from __future__ import annotations

from dataclasses import fields
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.settings import (
    ExecutorKind,
    MoverKind,
    RunAs,
    ServiceLimits,
    Settings,
    SettingsError,
    StoreKind,
    hide_password,
    settings_table,
)

CLUSTER = "redis://haproxy-redis.dms-redis.svc.cluster.local"


def read(**environ: str) -> Settings:
    return Settings.from_environment(environ)


def test_the_defaults_of_the_previous_scheduler_hold() -> None:
    settings = read()
    assert settings == Settings()
    assert (settings.redis_write_url, settings.redis_read_url) == (f"{CLUSTER}:6379/0", f"{CLUSTER}:6380/0")
    assert (settings.operator_token, settings.service_name) == ("changeme", "dms-scheduler")
    assert (settings.log_level, settings.timezone.key) == ("INFO", "Asia/Seoul")
    assert (settings.host, settings.port, settings.redis_task_ttl_s) == ("0.0.0.0", 9000, 7_776_000)
    assert (settings.store, settings.executor, settings.placeholder_s) == (StoreKind.REDIS, ExecutorKind.LOCAL, 0.1)


def test_the_write_url_alone_serves_reads_too() -> None:
    settings = read(DMS_REDIS_WRITE_URL="redis://one:6379/0")
    assert settings.redis_write_url == settings.redis_read_url == "redis://one:6379/0"


def test_the_read_url_alone_leaves_the_write_url() -> None:
    settings = read(DMS_REDIS_READ_URL="redis://two:6379/0")
    assert (settings.redis_write_url, settings.redis_read_url) == (f"{CLUSTER}:6379/0", "redis://two:6379/0")


def test_both_urls() -> None:
    settings = read(DMS_REDIS_WRITE_URL="redis://one/1", DMS_REDIS_READ_URL="unix:///run/redis.sock")
    assert (settings.redis_write_url, settings.redis_read_url) == ("redis://one/1", "unix:///run/redis.sock")


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environment({row.name: "" for row in settings_table()}) == Settings()


def test_other_variables_are_left_alone() -> None:
    assert read(DMS_SCHEDULER_BASE_URL="http://here:9000", DMS_NOPE="x", PATH="/bin") == Settings()


@pytest.mark.parametrize(
    ("name", "given", "field", "value"),
    [
        ("DMS_STORE", "Memory", "store", StoreKind.MEMORY),
        ("DMS_EXECUTOR", "PLACEHOLDER", "executor", ExecutorKind.PLACEHOLDER),
        ("DMS_MOVER", "rsync", "mover", MoverKind.RSYNC),
        ("DMS_RUN_AS", "service", "run_as", RunAs.SERVICE),
        ("DMS_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("DMS_TIMEZONE", "Europe/Berlin", "timezone", ZoneInfo("Europe/Berlin")),
        ("DMS_PORT", "0", "port", 0),
        ("DMS_ALLOWED_ROOTS", "/pvs/:/home/gpu1:/pvs", "allowed_roots", ("/pvs", "/home/gpu1")),
        ("DMS_ALLOWED_ROOTS", "/", "allowed_roots", ("/",)),
        ("DMS_LIMIT_PER_USER", "3", "limit_per_user", 3),
        ("DMS_LIMIT_PER_SERVICE", "8", "limit_per_service", ServiceLimits(8)),
        ("DMS_LIMIT_PER_SERVICE", "sync=4,rm=2", "limit_per_service", ServiceLimits(None, (("sync", 4), ("rm", 2)))),
        ("DMS_LIMIT_PER_SERVICE", "rm=2,8", "limit_per_service", ServiceLimits(8, (("rm", 2),))),
        ("DMS_PLACEHOLDER_SECONDS", "0", "placeholder_s", 0.0),
        ("DMS_LEASE_SECONDS", "7.5", "lease_s", 7.5),
        ("DMS_EXECUTOR", "kubernetes", "executor", ExecutorKind.KUBERNETES),
        ("DMS_KUBERNETES_MOUNTS", "/pvs=pvs,/a=b=c", "kubernetes_mounts", (("/pvs", "pvs"), ("/a=b", "c"))),
        ("DMS_KUBERNETES_QUEUES", "low=slow", "kubernetes_queues", (("low", "slow"),)),
        ("DMS_KUBERNETES_SCHEDULE_SECONDS", "0", "kubernetes_schedule_s", 0),
    ],
)
def test_a_value_is_read(name: str, given: str, field: str, value: object) -> None:
    assert getattr(read(**{name: given}), field) == value


BAD = [
    ("DMS_PORT", "65536", "a whole number from 0 to 65535"),
    ("DMS_PORT", "-1", "a whole number from 0 to 65535"),
    ("DMS_PORT", "9000\n", "a whole number"),
    ("DMS_PORT", "9_000", "a whole number"),
    ("DMS_PORT", "٩٠٠٠", "a whole number"),
    ("DMS_WORKERS", "0", "from 1 to 64"),
    ("DMS_SLOTS", "many", "from 1 to 10000"),
    ("DMS_LEASE_SECONDS", "0", "a number of seconds from 1 to 3600"),
    ("DMS_LEASE_SECONDS", "inf", "a number of seconds"),
    ("DMS_LEASE_SECONDS", "1e2", "a number of seconds"),
    ("DMS_STORE", "mongo", "redis or memory"),
    ("DMS_EXECUTOR", "k8s", "local or kubernetes or placeholder"),
    ("DMS_MOVER", "cp", "rclone or rsync"),
    ("DMS_RUN_AS", "root", "user or service"),
    ("DMS_LOG_LEVEL", "LOUD", "DEBUG or INFO"),
    ("DMS_TIMEZONE", "Mars/Olympus", "an IANA time zone"),
    ("DMS_TIMEZONE", "../../etc/passwd", "an IANA time zone"),
    ("DMS_TIMEZONE", "/etc/localtime", "an IANA time zone"),
    ("DMS_SERVICE_NAME", "a\nb", "one line"),
    ("DMS_ALLOWED_ROOTS", "pvs", "absolute paths"),
    ("DMS_ALLOWED_ROOTS", "/pvs::/home", "absolute paths"),
    ("DMS_ALLOWED_ROOTS", "/pvs/../etc", "absolute paths"),
    ("DMS_ALLOWED_ROOTS", "//pvs", "absolute paths"),
    ("DMS_LIMIT_PER_USER", "0", "a whole number from 1"),
    ("DMS_LIMIT_PER_SERVICE", "sync=0", "a number for every service"),
    ("DMS_LIMIT_PER_SERVICE", "sync=1,sync=2", "a number for every service"),
    ("DMS_LIMIT_PER_SERVICE", "1,2", "a number for every service"),
    ("DMS_LIMIT_PER_SERVICE", "sync:1", "a number for every service"),
    ("DMS_KUBERNETES_MOUNTS", "/pvs", "ROOT=CLAIM pairs"),
    ("DMS_KUBERNETES_MOUNTS", "pvs=pvs", "ROOT=CLAIM pairs"),
    ("DMS_KUBERNETES_MOUNTS", "/pvs/=pvs", "ROOT=CLAIM pairs"),
    ("DMS_KUBERNETES_MOUNTS", "/pvs=Not_A_Claim", "ROOT=CLAIM pairs"),
    ("DMS_KUBERNETES_MOUNTS", "/pvs=a,/pvs=b", "ROOT=CLAIM pairs"),
    ("DMS_KUBERNETES_QUEUES", "medium=q", "high=NAME, low=NAME or both"),
    ("DMS_REDIS_WRITE_URL", "localhost:6379", "a URL such as redis://"),
    ("DMS_REDIS_WRITE_URL", "http://localhost", "a URL such as redis://"),
    ("DMS_REDIS_WRITE_URL", "redis://", "a URL such as redis://"),
    ("DMS_REDIS_WRITE_URL", "redis://h:port/0", "a URL such as redis://"),
    ("DMS_REDIS_WRITE_URL", "redis://h/db", "a URL such as redis://"),
    ("DMS_REDIS_READ_URL", "redis://h:6379/0 ", "a URL such as redis://"),
]


@pytest.mark.parametrize(("name", "given", "accepted"), BAD)
def test_a_bad_value_is_told_in_one_line(name: str, given: str, accepted: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{name: given})
    told = str(caught.value)
    assert told.isprintable()
    assert told.startswith(f"{name}={given!a}: accepted is ")
    assert accepted in told


@pytest.mark.parametrize(
    "url", ["redis://user:hunter2@:70000", "redis:/user:hunter2@host", "user:hunter2@host", "x://h/?password=hunter2"]
)
def test_no_password_is_told(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(DMS_REDIS_WRITE_URL=url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_token_is_told() -> None:
    with pytest.raises(SettingsError) as caught:
        read(DMS_OPERATOR_TOKEN="two words")
    assert "words" not in str(caught.value)
    assert "DMS_OPERATOR_TOKEN=(not shown)" in str(caught.value)


def test_no_secret_is_in_the_repr() -> None:
    shown = repr(read(DMS_OPERATOR_TOKEN="hunter2", DMS_REDIS_WRITE_URL="redis://u:hunter3@h/0"))
    assert "hunter" not in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("redis://:secret@h:6379/0", "redis://***@h:6379/0"),
        ("rediss://user:se@cret@h/1", "rediss://***@h/1"),
        ("redis://h/0?password=secret", "redis://h/0"),
        ("redis://[broken:secret@h", "redis://***@h"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert hide_password(url) == shown


SETTINGS = st.builds(
    Settings,
    service_name=st.from_regex(r"[a-z-]{1,20}", fullmatch=True),
    log_level=st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
    timezone=st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Asia/Seoul")]),
    port=st.integers(0, 65535),
    workers=st.integers(1, 64),
    operator_token=st.from_regex(r"[!-~]{1,30}", fullmatch=True),
    store=st.sampled_from(StoreKind),
    executor=st.sampled_from(ExecutorKind),
    run_as=st.sampled_from([None, *RunAs]),
    mover=st.sampled_from(MoverKind),
    allowed_roots=st.lists(st.from_regex(r"(/[a-z ]{1,5}){1,3}", fullmatch=True), unique=True).map(tuple),
    placeholder_s=st.floats(0, 1000).map(lambda value: round(value, 6)),
    limit_per_user=st.none() | st.integers(1, 1000),
    limit_per_service=st.builds(
        ServiceLimits,
        st.none() | st.integers(1, 99),
        st.dictionaries(st.from_regex(r"[a-z0-9_.-]{1,9}", fullmatch=True), st.integers(1, 99)).map(
            lambda limits: tuple(limits.items())
        ),
    ),
    lease_s=st.floats(1, 3600).map(lambda value: round(value, 6)),
)


@given(SETTINGS)
def test_a_child_process_reads_the_same_settings(settings: Settings) -> None:
    assert Settings.from_environment(settings.as_environment()) == settings


class TestTable:
    """What the README's configuration table is made of."""

    def test_it_has_every_variable_once(self) -> None:
        names = [row.name for row in settings_table()]
        assert len(set(names)) == len(names) == len(fields(Settings))
        assert all(name.startswith("DMS_") for name in names)

    def test_every_line_can_stand_in_a_table(self) -> None:
        for row in settings_table():
            for cell in row:
                assert cell
                assert "|" not in cell
                assert cell.isprintable()
            assert row.meaning.endswith(".")

    def test_a_default_that_is_shown_is_the_default(self) -> None:
        for row in settings_table():
            if row.default in ("none", "no limit") or " " in row.default:
                continue
            assert Settings.from_environment({row.name: row.default}) == Settings() or "REDIS_WRITE" in row.name
