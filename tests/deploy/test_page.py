"""docs/kubernetes.md tells what there is."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from adapters.executors.kubernetes.problems import TemplateProblem
from adapters.executors.kubernetes.templates import MissingValue
from entrypoints.settings import settings_table
from tests.deploy.files import ROOT
from tests.deploy.rendering import ENGINES, TEMPLATES, mover_arguments, render, render_from
from tests.deploy.samples import values
from tests.deploy.schemas import check, check_pods
from tests.deploy.test_rights import FOLLOWING, MAKING
from tests.docs.markdown import DOCS, blocks, quoted, table

PAGE = DOCS / "kubernetes.md"
WORDS = {"--delete", "--contents", "--dryrun", "--direct", "--sparse", "--input", "--link-dest", "--chunksize"}


def test_the_page_tells_the_rights() -> None:
    told = {quoted(row[0])[0]: set(quoted(row[1])) for row in table(PAGE, "resource")}
    wanted: dict[str, set[str]] = defaultdict(set)
    for calls in (FOLLOWING, *MAKING.values()):
        for (group, resource), verbs in calls.items():
            wanted[f"{resource}.{group}" if group else resource] |= verbs
    assert told == wanted


def test_the_page_tells_every_value_of_a_template() -> None:
    told = {name for row in table(PAGE, "value") for name in quoted(row[0])}
    assert told == values("sync").keys() | values("rm").keys()


def test_the_page_tells_the_options() -> None:
    for service, _, of_job, _, of_mpi in table(PAGE, "service"):
        for engine in ENGINES:
            accepted = {word for word in WORDS if is_accepted(engine, quoted(service)[0], word)}
            assert accepted == set(quoted(of_job if engine == "job" else of_mpi))


def is_accepted(engine: str, service: str, option: str) -> bool:
    """Whether a template takes an option."""
    try:
        render(engine, service, values(service, options=[option]))
    except (TemplateProblem, MissingValue):
        return False
    return True


def test_the_manifests_of_the_page_are_ones_that_the_api_server_takes() -> None:
    manifests = [each for block in blocks(PAGE, "yaml") for each in yaml.safe_load_all(block)]
    # Volcano's own kinds are unknown to Kubernetes.
    known = [each for each in manifests if "volcano" not in each["apiVersion"]]
    assert [each["kind"] for each in known] == ["PersistentVolume", "PersistentVolumeClaim"]
    for each in known:
        check(each)


def test_the_template_of_the_page_is_a_good_one(tmp_path: Path) -> None:
    directory = tmp_path / "templates"
    shutil.copytree(TEMPLATES / "job", directory)
    (block,) = blocks(PAGE, "jinja")
    (directory / "hotcold.yaml").write_text(block)
    manifest = render_from(directory, "hotcold", values("rm", options=["--cold"]))
    check(manifest)
    check_pods(manifest)
    assert mover_arguments(manifest) == ["--migrate", "--", "/pvs/b"]
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.org/tape-client:4.2"
    with pytest.raises((TemplateProblem, MissingValue)):
        render_from(directory, "hotcold", values("rm", options=["--warm"]))


def test_every_variable_and_every_file_of_the_page_exists() -> None:
    text = PAGE.read_text()
    known = {row.name for row in settings_table()} | {"DMS_SCHEDULER_BASE_URL"}  # the last is the frontend's
    assert set(re.findall(r"DMS_[A-Z_]+", text)) <= known
    for path in re.findall(r"deploy/[\w./-]*\w", text):
        assert path.startswith("deploy/kustomize/site") or (ROOT / path).exists(), path
