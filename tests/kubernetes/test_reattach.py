"""A scheduler that is killed disturbs no work, and the next one finds it again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import Failed, Stopped, Succeeded
from domain.ports import ExecutorUnavailable
from tests.executors.driving import begin, follow, until
from tests.kubernetes.fake import Engine, FakeCluster, Fault
from tests.kubernetes.making import MakeExecutor, eventually, order

ROOT = Path(__file__).parents[2]


async def test_a_scheduler_is_killed_and_another_finds_its_work(
    config: KubernetesConfig, executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    arguments = (config.kubeconfig, config.templates, config.accounts)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.kubernetes.driver", *arguments, stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert killed.stdout is not None
    assert (await killed.stdout.readline()).decode().strip() == "dms-10-1-cp"
    (pod,) = engine.make_pods("dms-10-1-cp")
    engine.start(pod)
    engine.print(pod, "before")
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    assert not cluster.calls("DELETE")
    found = await executor.attach(order(), until())
    assert found is not None
    assert found.name == "dms-10-1-cp"
    following = asyncio.create_task(follow(found))
    engine.print(pod, "after")
    engine.end(pod)
    engine.succeed("dms-10-1-cp")
    ended = await following
    assert isinstance(ended.outcome, Succeeded)
    assert ended.output.splitlines() == ["before", "after"]


@pytest.mark.parametrize("ends_well", [True, False])
async def test_work_that_ended_while_nobody_looked_is_found_with_its_outcome(
    make_executor: MakeExecutor, engine: Engine, ends_well: bool
) -> None:
    await (await begin(make_executor(), order())).detach()
    if ends_well:
        engine.run("dms-10-1-cp")
    else:
        (pod,) = engine.make_pods("dms-10-1-cp")
        engine.start(pod)
        engine.end(pod, 3)
        engine.fail("dms-10-1-cp")
    found = await make_executor().attach(order(), until())
    assert found is not None
    assert isinstance((await follow(found)).outcome, Succeeded if ends_well else Failed)


async def test_a_cancel_that_the_lost_owner_had_begun_is_ended(
    make_executor: MakeExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    engine.holds_pods = True
    first = await begin(make_executor(), order())
    engine.make_pods("dms-10-1-cp")
    following = asyncio.create_task(follow(first))
    await first.stop()
    await eventually(lambda: cluster.calls("DELETE"))
    following.cancel()
    found = await make_executor().attach(order(), until())
    assert found is not None
    await found.stop()
    following = asyncio.create_task(follow(found))
    await eventually(lambda: len(cluster.calls("DELETE")) == 2)
    engine.remove_pods("dms-10-1-cp")
    assert isinstance((await following).outcome, Stopped)


async def test_work_of_a_kind_that_no_template_has_any_more_is_found(
    make_executor: MakeExecutor, config: KubernetesConfig, engine: Engine
) -> None:
    await begin(make_executor(), order("mpisync"))
    template = Path(config.templates) / "mpisync.yaml"
    template.write_text((Path(config.templates) / "cp.yaml").read_text())
    found = await make_executor().attach(order("mpisync"), until())
    assert found is not None
    engine.run("dms-10-1-mpisync")
    assert isinstance((await follow(found)).outcome, Succeeded)


async def test_work_that_was_being_deleted_when_it_was_found_is_tried_again(
    make_executor: MakeExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    engine.holds_pods = True
    first = make_executor()
    await begin(first, order())
    engine.make_pods("dms-10-1-cp")
    await eventually(lambda: first._cluster.board.workloads)
    (found,) = await first.at_work()
    await first.remove(found)
    again = await make_executor().attach(order(), until())
    assert again is not None
    engine.remove_pods("dms-10-1-cp")
    ended = await follow(again)
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert "was being deleted when it was found again" in ended.reason


async def test_work_is_not_lost_while_its_pods_outlive_their_workload(
    make_executor: MakeExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    # `kubectl delete` does not wait for pods. Another attempt must not be at work beside them.
    engine.holds_pods = True
    await (await begin(make_executor(), order())).detach()
    (pod,) = engine.make_pods("dms-10-1-cp")
    engine.start(pod)
    cluster.store.remove(("jobs.batch", "dms", "dms-10-1-cp"))
    executor = make_executor()
    with pytest.raises(ExecutorUnavailable, match="dms-10-1-cp is gone, but its pods are at work: dms-10-1-cp-x7k2p"):
        await executor.attach(order(), until())
    engine.end(pod)  # pods that were left behind may stay, once they have ended
    assert await executor.attach(order(), until()) is None


async def test_a_kind_that_no_template_has_need_not_be_looked_at(
    make_executor: MakeExecutor, config: KubernetesConfig, cluster: FakeCluster
) -> None:
    for service in ("sync", "mpisync"):
        (Path(config.templates) / f"{service}.yaml").unlink()
    forbidden = Fault(
        lambda request: "batch/v1" not in str(request.url) and "pods" not in str(request.url), 403, times=99
    )
    cluster.faults.append(forbidden)
    executor = make_executor()
    assert await executor.attach(order(), until()) is None
    await begin(executor, order())
    assert await executor.attach(order(), until()) is not None


async def test_all_work_of_ours_is_listed_and_nothing_else_is_touched(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    foreign = {"metadata": {"name": "theirs"}, "spec": {}}
    cluster.store.add(("jobs.batch", "dms", "theirs"), foreign)
    await begin(executor, order())
    await begin(executor, order("sync", task_id="11"))
    engine.run("dms-11-1-sync")
    seen = executor._cluster.board
    await eventually(lambda: [each.condition.phase.is_over for each in seen.workloads].count(True) == 1)
    found = await executor.at_work()
    assert len(found) == 1
    assert (found[0].task_id, found[0].attempt, found[0].name) == ("10", 1, "dms-10-1-cp")
    assert found[0].incarnation == order().incarnation
    await executor.remove(found[0])
    await eventually(lambda: "dms-10-1-cp" not in engine.workloads)
    await executor.remove(found[0])
    assert cluster.store.get(("jobs.batch", "dms", "theirs")) is not None
    assert [call for call in cluster.calls("DELETE") if "dms-10-1-cp" not in call] == []
