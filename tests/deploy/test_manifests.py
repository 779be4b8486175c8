"""What is applied to a cluster holds together, and fits the service and dms-frontend."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from entrypoints.http.app import create_app
from entrypoints.settings import DEFAULT_TOKEN, ExecutorKind, Settings, StoreKind, settings_table
from entrypoints.version import VERSION
from tests.deploy.kustomizing import example_with, kustomize, of_kind
from tests.deploy.rendering import ENGINES, TEMPLATES, Manifest
from tests.deploy.schemas import check

DEFAULTS = Settings()
NAME = {"app.kubernetes.io/name": "dms-scheduler"}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_object_is_one_that_the_api_server_takes(engine: str, tmp_path: Path) -> None:
    made = kustomize(example_with(engine, tmp_path))
    (namespace,) = of_kind(made, "Namespace")
    assert {each["metadata"]["namespace"] for each in made if each is not namespace} == {namespace["metadata"]["name"]}
    for each in made:
        check(each)
    (templates,) = [each for each in of_kind(made, "ConfigMap") if "sync.yaml" in each["data"]]
    assert templates["data"] == {path.name: path.read_text() for path in (TEMPLATES / engine).glob("*.yaml")}


def test_whatever_the_deployment_refers_to_is_made(objects: list[Manifest], deployment: Manifest) -> None:
    made = {(each["kind"], each["metadata"]["name"]) for each in objects}
    spec = pod(deployment)
    wanted = {("ServiceAccount", spec["serviceAccountName"])}
    wanted |= {("ConfigMap", each["configMap"]["name"]) for each in spec["volumes"] if "configMap" in each}
    sources = container(deployment)["envFrom"]
    wanted |= {("ConfigMap", each["configMapRef"]["name"]) for each in sources if "configMapRef" in each}
    wanted |= {("Secret", each["secretRef"]["name"]) for each in sources if "secretRef" in each}
    assert len(wanted) == 5
    assert wanted <= made


def test_every_variable_is_a_setting_and_has_a_good_value(objects: list[Manifest]) -> None:
    (secret,) = of_kind(objects, "Secret")
    given = next(each["data"] for each in of_kind(objects, "ConfigMap") if "DMS_EXECUTOR" in each["data"])
    given |= {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    assert given.keys() <= {row.name for row in settings_table()}
    read = Settings.from_environment(given)
    assert read.executor is ExecutorKind.KUBERNETES
    assert read.kubernetes_mounts == (("/home/gpu1", "home-gpu1"), ("/pvs", "pvs"))


def test_the_token_of_the_example_is_one_that_the_service_warns_of(objects: list[Manifest]) -> None:
    (secret,) = of_kind(objects, "Secret")
    assert base64.b64decode(secret["data"]["DMS_OPERATOR_TOKEN"]).decode() == DEFAULT_TOKEN


def test_probes_ask_for_what_there_is(deployment: Manifest) -> None:
    application = create_app(Settings(store=StoreKind.MEMORY, executor=ExecutorKind.PLACEHOLDER))
    paths = application.openapi_schema.to_schema()["paths"]
    ports = {each["name"]: each["containerPort"] for each in container(deployment)["ports"]}
    for probe, path in (("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        asked = container(deployment)[probe]["httpGet"]
        assert asked["path"] == path
        assert "get" in paths[path]
        assert ports[asked["port"]] == DEFAULTS.port


def test_the_service_is_where_the_frontend_looks_for_it(objects: list[Manifest], deployment: Manifest) -> None:
    # The default of dms-frontend's DMS_SCHEDULER_BASE_URL is http://dms-scheduler.
    (service,) = of_kind(objects, "Service")
    assert service["metadata"]["name"] == "dms-scheduler"
    (port,) = service["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, "http")
    assert service["spec"]["selector"] == NAME == deployment["spec"]["template"]["metadata"]["labels"]
    (budget,) = of_kind(objects, "PodDisruptionBudget")
    assert budget["spec"]["selector"]["matchLabels"] == NAME
    assert budget["spec"]["minAvailable"] < deployment["spec"]["replicas"]


def test_a_pod_may_take_as_long_to_end_as_the_service_does(deployment: Manifest) -> None:
    before_s = container(deployment)["lifecycle"]["preStop"]["sleep"]["seconds"]
    # docs/operations.md, "Stop".
    service_s = 2 * DEFAULTS.shutdown_grace_s + DEFAULTS.kill_grace_s + 10
    assert pod(deployment)["terminationGracePeriodSeconds"] > before_s + service_s


def test_the_service_has_no_rights_on_its_node(deployment: Manifest) -> None:
    context = pod(deployment)["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] >= 10_000
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(deployment)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_image_is_of_this_version(deployment: Manifest) -> None:
    assert container(deployment)["image"].endswith(f"/dms-scheduler:{VERSION}")


def test_the_network_lets_through_what_is_needed(objects: list[Manifest]) -> None:
    (policy,) = (each["spec"] for each in of_kind(objects, "NetworkPolicy"))
    assert policy["podSelector"]["matchLabels"] == NAME
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    (way_in,) = policy["ingress"]
    assert way_in["ports"] == [{"port": "http"}]
    assert [each["podSelector"]["matchLabels"] for each in way_in["from"]] == [
        {"app.kubernetes.io/name": "dms-frontend"}
    ]
    open_ports = {port["port"] for way in policy["egress"] for port in way["ports"]}
    redis_ports = {urlsplit(url).port for url in (DEFAULTS.redis_write_url, DEFAULTS.redis_read_url)}
    assert open_ports == {53, 443, 6443} | redis_ports


def test_the_files_of_a_kustomization_are_all_in_it() -> None:
    for directory in (TEMPLATES.parent / "kustomize").rglob("kustomization.yaml"):
        said = yaml.safe_load(directory.read_text())
        if directory.parent.name != "example":
            beside = {path.name for path in directory.parent.glob("*.yaml")} - {directory.name}
            assert said["resources"] == sorted(beside)


def pod(deployment: Manifest) -> dict[str, Any]:
    """The pods' specification."""
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


def container(deployment: Manifest) -> dict[str, Any]:
    """The one container."""
    (only,) = pod(deployment)["containers"]
    found: dict[str, Any] = only
    return found
