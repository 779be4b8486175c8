"""The executor that the settings name, and what stops the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dishka import AsyncContainer

from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.executor import KubernetesExecutor
from application.scheduler import Scheduler
from domain.ports import Executor
from entrypoints.container import make_container
from entrypoints.settings import ExecutorKind, Settings, SettingsError, StoreKind
from entrypoints.startup import check_settings, tell_of_settings


@pytest.fixture
def settings(config: KubernetesConfig) -> Settings:
    return Settings(
        executor=ExecutorKind.KUBERNETES,
        store=StoreKind.MEMORY,
        operator_token="own",
        kubernetes_templates=config.templates,
        kubernetes_mounts=tuple(config.mounts.items()),
        kubernetes_kubeconfig=config.kubeconfig,
        kubernetes_accounts=config.accounts,
    )


async def test_good_settings_pass(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    check_settings(settings)
    check_settings(replace(settings, allowed_roots=("/pvs/projects",)))
    tell_of_settings(settings)
    assert not caplog.records


async def test_the_container_gives_the_executor_out_and_closes_it(settings: Settings) -> None:
    container: AsyncContainer = make_container(settings)
    executor = await container.get(Executor)
    assert isinstance(executor, KubernetesExecutor)
    scheduler = await container.get(Scheduler)
    async with scheduler.running():
        assert scheduler.missing != ("the loop 'remove orphans' has died; see the log",)
    await container.close()


async def test_what_cannot_be_used_stops_the_start_in_one_line(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "templates" / "broken.yaml").write_text("kind: {{ nope }}\n")
    broken = {
        "broken.yaml, line 1: 'nope' is undefined": settings,
        "DMS_KUBERNETES_TEMPLATES names /nope, which cannot be read": replace(settings, kubernetes_templates="/nope"),
        "DMS_KUBERNETES_MOUNTS is not set: name the volume claim": replace(settings, kubernetes_mounts=()),
        "DMS_ALLOWED_ROOTS names /etc, which lies in none of the mounts": replace(settings, allowed_roots=("/etc",)),
        "DMS_KUBERNETES_KUBECONFIG names /nope, which cannot be used": replace(settings, kubernetes_kubeconfig="/nope"),
        "DMS_KUBERNETES_ACCOUNTS names /nope, which cannot be read": replace(settings, kubernetes_accounts="/nope"),
    }
    for reason, bad in broken.items():
        if bad is not settings:
            (tmp_path / "templates" / "broken.yaml").unlink(missing_ok=True)
        with pytest.raises(SettingsError) as caught:
            check_settings(bad)
        assert reason in str(caught.value)
        assert str(caught.value).isprintable()


async def test_without_a_kubeconfig_there_must_be_a_cluster_around(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nope")
    with pytest.raises(SettingsError, match="runs in no cluster, and the kubeconfig /nope cannot be used"):
        check_settings(replace(settings, kubernetes_kubeconfig=""))
