"""A place in which what the templates have run is run for real."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.executors.local.movers.rclone import find_rclone
from tests.deploy.rendering import pod_templates, render
from tests.deploy.samples import placed, values

MPIFILEUTILS = {"dsync", "dcp", "drm", "dchmod"}


@dataclass(frozen=True, slots=True)
class Place:
    """A directory of a task, in a root of its own."""

    root: Path

    def values(
        self, service: str, options: Sequence[str], parameters: Mapping[str, str], attempt: int = 1
    ) -> dict[str, object]:
        """Values for a task from `src` to `dst`, or one at `dst`."""
        mount = {"root": str(self.root), "volume": "data", "name": "data"}
        source, target = (placed(str(self.root / name), mount) for name in ("src", "dst"))
        paths = {"source": source, "destination": target} if service in ("sync", "cp") else {"path": target}
        return values(
            service, attempt=attempt, options=list(options), parameters=dict(parameters), mounts=[mount], **paths
        )

    def runs(
        self, service: str, *options: str, attempt: int = 1, **parameters: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command of the plain Job's container."""
        manifest = render("job", service, self.values(service, options, parameters, attempt))
        (container,) = pod_templates(manifest)["mover"]["spec"]["containers"]
        command = [*container["command"], *container["args"]]
        path = f"{Path(find_rclone()).parent}:{os.environ['PATH']}"
        return subprocess.run(command, env={"PATH": path, "HOME": "/nonexistent"}, capture_output=True, text=True)

    def launches(self, engine: str, service: str, *options: str, **parameters: str) -> list[str]:
        """Run the launcher's command with a program in mpirun's place; return what it was to run."""
        manifest = render(engine, service, self.values(service, options, parameters))
        launcher = "master" if engine == "volcano" else "launcher"
        (container,) = pod_templates(manifest)[launcher]["spec"]["containers"]
        programs = self.root / "programs"
        programs.mkdir()
        mpirun = programs / "mpirun"
        mpirun.write_text('#!/bin/sh\n[ "$OMPI_MCA_plm_rsh_args" = "$PRTE_MCA_plm_ssh_args" ] && printf "%s\\0" "$@"\n')
        mpirun.chmod(0o755)
        environment = {"PATH": f"{programs}:{os.environ['PATH']}", "MPI_HOST": ""}
        ran = subprocess.run(
            [*container["command"], *container["args"]], env=environment, capture_output=True, text=True, check=True
        )
        words = ran.stdout.split("\0")[:-1]
        program = next(place for place, word in enumerate(words) if word in MPIFILEUTILS)
        return words[program:]
