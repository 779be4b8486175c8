"""Templates: what they are given, what stops the start, and that no value breaks out of its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.accounts import Account
from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.problems import TemplateProblem, UnfitValue
from adapters.executors.kubernetes.quoting import CLOSED, OPENED, quoted, unmark
from adapters.executors.kubernetes.templates import MissingValue, Templates
from adapters.executors.kubernetes.values import Values
from adapters.executors.problems import ConfigurationProblem
from domain.errors import InvalidRequest
from domain.execution import WorkOrder
from domain.values import Priority
from tests.kubernetes.making import CREATED_AT, JOB, VOLCANO, order

ALICE = Account(1000, 1001, (1001, 2000))
CONFIG = KubernetesConfig(
    templates="",
    mounts={"/pvs": "pvs-claim", "/home/gpu1": "gpu1-home", "/home/gpu1/fast": "Fast_Claim"},
    priority_classes={Priority.HIGH: "urgent"},
)
VALUES = Values(CONFIG, "dms")

POD = """
apiVersion: batch/v1
kind: Job
metadata: {}
spec:
  template:
    spec:
      containers:
        - name: mover
          args: [%s]
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Templates]:
    """Writes templates and loads them."""

    def load(**templates: str) -> Templates:
        for service, text in templates.items():
            (tmp_path / f"{service}.yaml").write_text(text)
        return Templates(str(tmp_path))

    return load


def args(templates: Templates, work: WorkOrder) -> list[Any]:
    _, document = templates.render(work.service, VALUES.make(work, ALICE))
    found: list[Any] = document["spec"]["template"]["spec"]["containers"][0]["args"]
    return found


def test_what_a_template_is_given() -> None:
    work = WorkOrder(
        "10",
        2,
        "sync",
        "alice",
        {"src": "/pvs/a", "dst": "/home/gpu1/fast/b", "options": "--delete -n '4 2'"},
        Priority.HIGH,
        CREATED_AT,
    )
    given = VALUES.make(work, ALICE)
    source = {"path": "/pvs/a", "root": "/pvs", "volume": "pvs-claim", "name": "pvs-claim"}
    destination = {"path": "/home/gpu1/fast/b", "root": "/home/gpu1/fast", "volume": "Fast_Claim", "name": "fast-claim"}
    assert given == {
        "name": "dms-10-2-sync",
        "namespace": "dms",
        "task_id": "10",
        "attempt": 2,
        "user": "alice",
        "service": "sync",
        "priority": "high",
        "queue": "high-q",
        "priority_class": "urgent",
        "parameters": dict(work.parameters),
        "options": ["--delete", "-n", "4 2"],
        "source": source,
        "destination": destination,
        "mounts": [{name: each[name] for name in ("root", "volume", "name")} for each in (source, destination)],
        "uid": 1000,
        "gid": 1001,
        "groups": [1001, 2000],
        "labels": {"dms/task-id": "10", "dms/attempt": "2"},
        "annotations": {"dms/created-at": CREATED_AT, "dms/service": "sync", "dms/user": "alice", "dms/attempt": "2"},
        "run_limit_s": 604800,
    }


def test_one_mount_is_named_once() -> None:
    assert len(VALUES.make(order(src="/pvs/a", dst="/pvs/b"), ALICE)["mounts"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("options", ["", "--delete", "-j 8 --bwlimit=10M", "--exclude '*.tmp'"])
def test_options_that_are_accepted(options: str) -> None:
    VALUES.make(order(src="/pvs/a", dst="/pvs/b", options=options), ALICE)


@pytest.mark.parametrize("options", ["/pvs/c", "--delete x y", "--link-dest /etc", "--log=/etc/x", "--", "'", 7])
def test_options_that_could_name_another_tree_are_refused(options: object) -> None:
    with pytest.raises(InvalidRequest, match="options"):
        VALUES.make(order(src="/pvs/a", dst="/pvs/b", options=options), ALICE)


@pytest.mark.parametrize(
    "parameters", [{"path": "/etc"}, {"path": "/pvs"}, {"src": "/pvs/a", "dst": "/etc"}, {"dst": 7}]
)
def test_paths_lie_below_the_mounts(parameters: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        VALUES.make(order("rm", **parameters), ALICE)


def test_roots_narrow_the_mounts_down() -> None:
    values = Values(KubernetesConfig("", {"/pvs": "pvs"}, roots=("/pvs/projects",)), "dms")
    values.make(order("rm", path="/pvs/projects/a"), ALICE)
    with pytest.raises(InvalidRequest, match="not below an allowed root"):
        values.make(order("rm", path="/pvs/other"), ALICE)


BAD = {
    "syntax": (POD % "{{ name", 10, "unexpected"),
    "unknown value": (POD % "{{ nmae }}", 10, "'nmae' is undefined"),
    "not YAML": (POD % '{{ name }}, "x', 10, "in what it renders"),
    "within a string": (POD % '"--user={{ user }}"', 10, "in what it renders"),
    "within a block": (
        POD.replace("[%s]", "\n            - |\n              move {{ source.path }}"),
        12,
        "longer string",
    ),
    "unknown kind": ("apiVersion: v1\nkind: Pod\n", 2, "known are batch/v1 Job"),
    "no template": ("apiVersion: batch/v1\nkind: Job\nspec: {}\n", 1, "spec.template must be a pod template"),
    "no tasks": ("apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nspec: {tasks: []}\n", 1, "at least one task"),
    "no launcher": ("apiVersion: kubeflow.org/v2beta1\nkind: MPIJob\nspec: {}\n", 1, "must have a Launcher"),
    "empty": ("", 1, "one mapping"),
    "out of the sandbox": (POD % "{{ ''.__class__.__mro__ }}", 10, "unsafe"),
}


@pytest.mark.parametrize("named", BAD)
def test_a_bad_template_stops_the_start_with_file_line_and_reason(
    load: Callable[..., Templates], tmp_path: Path, named: str
) -> None:
    text, line, reason = BAD[named]
    with pytest.raises(TemplateProblem) as caught:
        load(sync=text).check(VALUES.sample)
    told = str(caught.value)
    assert told.startswith(f"{tmp_path}/sync.yaml, line {line}: "), told
    assert reason in told
    assert "\n" not in told


def test_a_directory_without_templates_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblem, match="holds no template such as"):
        Templates(str(tmp_path))
    with pytest.raises(ConfigurationProblem, match="cannot be read: No such file"):
        Templates(str(tmp_path / "nope"))


def test_what_begins_with_an_underscore_is_for_others_to_include(load: Callable[..., Templates]) -> None:
    templates = load(_args="{{ user }}", cp=POD % '{% include "_args.yaml" %}')
    assert templates.services == ("cp",)
    assert args(templates, order()) == ["alice"]


def test_a_parameter_that_is_missing_is_named(load: Callable[..., Templates]) -> None:
    templates = load(cp=POD % "{{ source.path }}", chmod=POD % "{{ parameters.mode }}")
    templates.check(VALUES.sample)
    with pytest.raises(MissingValue, match="cp needs the parameter src"):
        args(templates, order("cp", path="/pvs/a"))
    with pytest.raises(MissingValue, match="chmod needs the parameter mode"):
        args(templates, order("chmod", path="/pvs/a"))


def test_an_option_that_a_template_does_not_list_is_refused(load: Callable[..., Templates]) -> None:
    listed = (
        '{% set flags = {"--delete": "--delete"} %}' + POD % "{% for each in options %}{{ flags[each] }}, {% endfor %}"
    )
    templates = load(cp=listed)
    templates.check(VALUES.sample)
    assert args(templates, order(src="/pvs/a", dst="/pvs/b", options="--delete")) == ["--delete"]
    with pytest.raises(MissingValue, match="cp does not take the option '--evil'"):
        args(templates, order(src="/pvs/a", dst="/pvs/b", options="--evil"))


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\"'\\{}[]:,#&*!|>%@`$() -\t\n\r\x85\u2028\u2029\ufeff\x7f\x1b"),
        st.characters(exclude_categories=["Cs"], exclude_characters=f"\0{OPENED}{CLOSED}"),
    )
)


@given(st.recursive(HOSTILE | st.integers() | st.booleans() | st.none(), lambda inner: st.lists(inner, max_size=4)))
def test_no_value_breaks_out_of_its_place(value: object) -> None:
    text = f"before: [{quoted(value)}, 1]\nafter: {{key: {quoted(value)}}}\n"
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        assert unmark(yaml.load(text, Loader=loader)) == {"before": [value, 1], "after": {"key": value}}


@given(st.dictionaries(HOSTILE, HOSTILE))
def test_a_mapping_keeps_its_keys(value: dict[str, str]) -> None:
    assert unmark(yaml.safe_load(f"x: {quoted(value)}")) == {"x": value}


def test_what_kubernetes_would_expand_stays_as_it_is(load: Callable[..., Templates]) -> None:
    templates = load(cp=(POD % "$(OURS), {{ source.path }}") + "          env: [{name: A, value: {{ user }}}]\n")
    assert args(templates, order("cp", src="/pvs/$(HOME)$$x")) == ["$(OURS)", "/pvs/$$(HOME)$$$$x"]


@pytest.mark.parametrize("path", ["/pvs/a\udcff", f"/pvs/{OPENED}", f"/pvs/{CLOSED}x"])
def test_what_no_object_can_hold_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be sent to a cluster"):
        VALUES.make(order("rm", path=path), ALICE)


def test_a_value_must_not_be_part_of_a_string() -> None:
    with pytest.raises(UnfitValue, match=r"inside a longer string \('a\{\{ b \}\}'\)"):
        unmark(["a" + OPENED + "b" + CLOSED])


def test_the_templates_of_these_tests_are_sound(load: Callable[..., Templates]) -> None:
    kinds = load(cp=JOB, sync=VOLCANO).check(VALUES.sample)
    assert {service: kind.api_version for service, kind in kinds.items()} == {
        "cp": "batch/v1",
        "sync": "batch.volcano.sh/v1alpha1",
    }
