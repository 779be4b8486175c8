"""The ready-made templates render to what the engines take, and keep the pods harmless."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from tests.deploy.engines import check_mpi_job, check_volcano_job
from tests.deploy.rendering import ENGINES, SERVICES, TEMPLATES, Manifest, pod_templates, render
from tests.deploy.samples import HOME, MARKS, PVS, placed, values
from tests.deploy.schemas import check, check_pods

CHECKS = {"job": check, "volcano": check_volcano_job, "mpi-operator": check_mpi_job}

each_engine = pytest.mark.parametrize("engine", ENGINES)
each_service = pytest.mark.parametrize("service", SERVICES)


@each_engine
@each_service
@pytest.mark.parametrize("others", [{}, {"priority_class": "urgent", "queue": ""}, {"run_limit_s": 0}], ids=str)
def test_workloads_are_what_the_engine_takes(engine: str, service: str, others: dict[str, object]) -> None:
    manifest = render(engine, service, values(service, **others))
    check_pods(manifest)
    CHECKS[engine](manifest)


@each_engine
def test_the_longest_name_leaves_room_for_the_names_of_pods(engine: str) -> None:
    # The executor gives a workload at most 52 characters.
    manifest = render(engine, "sync", values("sync", name="d" * 52))
    CHECKS[engine](manifest)


@each_engine
@each_service
def test_work_runs_with_the_rights_of_its_user_and_no_others(engine: str, service: str) -> None:
    for template in templates(engine, service):
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False
        context = spec["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"]) == (4321, 4300)
        assert context["supplementalGroups"] == [4300, 5000]
        assert context["runAsNonRoot"] is True
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert "fsGroup" not in context
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert container["resources"]["limits"].keys() == {"memory"}
            image, _, tag = container["image"].rpartition(":")
            assert image
            assert tag[0].isdigit()


@each_engine
@each_service
def test_workload_and_pods_can_be_told_by_their_marks(engine: str, service: str) -> None:
    manifest = render(engine, service, values(service))
    assert (manifest["metadata"]["name"], manifest["metadata"]["namespace"]) == (f"dms-10-1-{service}", "dms")
    for metadata in [manifest["metadata"], *(each["metadata"] for each in pod_templates(manifest).values())]:
        assert metadata["labels"] == MARKS
        assert metadata["annotations"]["dms/user"] == "alice"


@each_engine
@each_service
def test_each_root_is_mounted_where_the_paths_begin(engine: str, service: str) -> None:
    for template in templates(engine, service):
        claims = {
            volume["name"]: volume["persistentVolumeClaim"]["claimName"]
            for volume in template["spec"]["volumes"]
            if "persistentVolumeClaim" in volume
        }
        mounts = {each["mountPath"]: each["name"] for each in template["spec"]["containers"][0]["volumeMounts"]}
        wanted = [HOME, PVS] if service in ("sync", "cp") else [PVS]
        assert claims == {mount["name"]: mount["volume"] for mount in wanted}
        assert {mount["root"]: mount["name"] for mount in wanted}.items() <= mounts.items()


@each_engine
def test_two_roots_on_one_volume_make_one_volume(engine: str) -> None:
    other = {**PVS, "root": "/archive"}
    manifest = render(engine, "cp", values("cp", source=placed("/archive/a", other), mounts=[other, PVS], groups=[]))
    check_pods(manifest)
    for template in pod_templates(manifest).values():
        names = [volume["name"] for volume in template["spec"]["volumes"]]
        assert len(names) == len(set(names))


@each_engine
@each_service
def test_nothing_is_tried_again_but_by_the_scheduler(engine: str, service: str) -> None:
    manifest = render(engine, service, values(service))
    spec = manifest["spec"]
    if engine == "volcano":
        assert {(each["event"], each["action"]) for each in spec["policies"]} == {
            ("PodFailed", "TerminateJob"),
            ("PodEvicted", "TerminateJob"),
        }
    else:
        assert (spec if engine == "job" else spec["runPolicy"])["backoffLimit"] == 0
    if engine == "mpi-operator":
        assert {each["restartPolicy"] for each in spec["mpiReplicaSpecs"].values()} == {"Never"}
    else:
        assert {each["spec"]["restartPolicy"] for each in pod_templates(manifest).values()} == {"Never"}


@each_engine
@each_service
def test_work_that_takes_too_long_is_ended(engine: str, service: str) -> None:
    manifest = render(engine, service, values(service))
    if engine == "mpi-operator":
        holders = [manifest["spec"]["runPolicy"]]
    else:
        holders = [template["spec"] for template in pod_templates(manifest).values()]
    assert {each["activeDeadlineSeconds"] for each in holders} == {86400}


def test_templates_that_need_not_differ_between_engines_do_not() -> None:
    # Each directory works by itself, so they are copies.
    for name in ("_container.yaml", *(f"{service}.yaml" for service in SERVICES)):
        assert (TEMPLATES / "volcano" / name).read_text() == (TEMPLATES / "mpi-operator" / name).read_text()


@each_engine
def test_the_config_map_has_every_template(engine: str) -> None:
    component = yaml.safe_load((TEMPLATES / engine / "kustomization.yml").read_text())
    (generator,) = component["configMapGenerator"]
    assert generator["files"] == sorted(path.name for path in (TEMPLATES / engine).glob("*.yaml"))
    assert {f"{service}.yaml" for service in SERVICES} <= set(generator["files"])


def templates(engine: str, service: str) -> Iterator[Manifest]:
    """The pod templates of one workload."""
    yield from pod_templates(render(engine, service, values(service))).values()
