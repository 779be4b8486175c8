"""The scheduler has the rights that its calls take, in its own namespace, and no others."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.deploy.kustomizing import example_with, kustomize, of_kind

FOLLOWING = {
    ("", "pods"): {"list", "watch"},
    ("", "pods/log"): {"get"},
    ("", "events"): {"list"},
    ("batch", "jobs"): {"get"},
    ("batch.volcano.sh", "jobs"): {"get"},
    ("kubeflow.org", "mpijobs"): {"get"},
}
"""What the executor asks of the API server whatever does the work."""

MAKING = {
    "job": {("batch", "jobs"): {"create", "get", "list", "watch", "delete"}},
    "volcano": {("batch.volcano.sh", "jobs"): {"create", "get", "list", "watch", "delete", "patch"}},
    "mpi-operator": {("kubeflow.org", "mpijobs"): {"create", "get", "list", "watch", "delete", "patch"}},
}
"""What it asks of the kind that an engine has."""


@pytest.mark.parametrize("engine", MAKING)
def test_rights_are_the_calls_that_are_made(engine: str, tmp_path: Path) -> None:
    made = kustomize(example_with(engine, tmp_path))
    assert not of_kind(made, "ClusterRole")
    granted: dict[tuple[str, str], set[str]] = defaultdict(set)
    roles = {each["metadata"]["name"]: each for each in of_kind(made, "Role")}
    bindings = of_kind(made, "RoleBinding")
    for binding in bindings:
        (subject,) = binding["subjects"]
        assert (subject["kind"], subject["name"], subject["namespace"]) == ("ServiceAccount", "dms-scheduler", "dms")
        assert binding["roleRef"]["kind"] == "Role"
        for rule in roles[binding["roleRef"]["name"]]["rules"]:
            assert rule.keys() == {"apiGroups", "resources", "verbs"}
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    granted[group, resource] |= set(rule["verbs"])
    assert len(bindings) == len(roles) == 2
    assert granted == {**FOLLOWING, **MAKING[engine]}
