"""What can be said of the image without building it."""

from __future__ import annotations

import json
import re
import tomllib
from typing import NamedTuple

import pytest

from entrypoints.cli.main import COMMANDS
from entrypoints.settings import Settings
from tests.deploy.files import DEPLOY, ROOT
from tests.deploy.rendering import Manifest

PINNED = re.compile(r"docker\.io/library/python:\d+\.\d+\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?")


class Instruction(NamedTuple):
    """One of the Dockerfile."""

    name: str
    arguments: str


@pytest.fixture(scope="module")
def stages() -> list[list[Instruction]]:
    """The instructions of the Dockerfile: those before the first stage, then each stage's, FROM included."""
    text = (DEPLOY / "Dockerfile").read_text()
    lines = "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))
    found: list[list[Instruction]] = [[]]
    for line in lines.replace("\\\n", " ").splitlines():
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, " ".join(arguments.split())))
    return found


def the(stage: list[Instruction], name: str) -> str:
    """The arguments of the only instruction of this name."""
    (only,) = [each.arguments for each in stage if each.name == name]
    return only


def test_every_stage_has_the_one_pinned_base(stages: list[list[Instruction]]) -> None:
    name, _, image = the(stages[0], "ARG").partition("=")
    assert PINNED.fullmatch(image)
    assert [the(stage, "FROM").split(" AS ")[0] for stage in stages[1:]] == [f"${{{name}}}"] * 2


def test_the_base_has_a_python_that_the_project_names(stages: list[list[Instruction]]) -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    found = re.search(r":(\d+\.\d+)\.", the(stages[0], "ARG"))
    assert found is not None
    assert f"Programming Language :: Python :: {found[1]}" in classifiers


def test_the_builder_gets_what_it_copies_and_nothing_else(stages: list[list[Instruction]]) -> None:
    ignore = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert ignore[0] == "*"
    let_through = {line[1:] for line in ignore if line.startswith("!")}
    copied = {source for each in stages[1] if each.name == "COPY" for source in each.arguments.split()[:-1]}
    assert copied == let_through
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_holds_only_what_was_installed(stages: list[list[Instruction]]) -> None:
    *_, last = stages
    assert the(last, "COPY") == "--from=build /opt/dms /opt/dms"
    assert the(stages[1], "FROM").endswith(" AS build")


def test_it_runs_as_the_user_that_the_deployment_names(stages: list[list[Instruction]], deployment: Manifest) -> None:
    *_, last = stages
    uid, gid = map(int, the(last, "USER").split(":"))
    context = deployment["spec"]["template"]["spec"]["securityContext"]
    assert (uid, gid) == (context["runAsUser"], context["runAsGroup"])
    assert uid > 0
    created = the(last, "RUN")
    assert f"--uid {uid} " in created
    assert f"--gid {gid} " in created


def test_it_starts_the_service(stages: list[list[Instruction]], deployment: Manifest) -> None:
    *_, last = stages
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert [*scripts] == json.loads(the(last, "ENTRYPOINT"))
    (command,) = json.loads(the(last, "CMD"))
    assert command in COMMANDS
    assert the(last, "EXPOSE") == str(Settings().port)
    assert not {"command", "args"} & deployment["spec"]["template"]["spec"]["containers"][0].keys()
