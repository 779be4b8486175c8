"""Which cluster, and with whose credentials."""

from __future__ import annotations

import os

import yaml
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from adapters.executors.problems import ConfigurationProblem


def find_cluster(kubeconfig: str) -> SingleConfig:
    """Return the configuration of a kubeconfig, or else of the cluster that we run in, or else of ``KUBECONFIG``.

    Raises:
        ConfigurationProblem: there is none, or it cannot be used.
    """
    try:
        found = (KubeConfig.from_file(kubeconfig) if kubeconfig else KubeConfig.from_env()).get()
    except (ConfigError, OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        named = f"DMS_KUBERNETES_KUBECONFIG names {kubeconfig}, which" if kubeconfig else _elsewhere()
        said = " ".join(str(error).split()) or type(error).__name__
        raise ConfigurationProblem(f"{named} cannot be used: {said}") from None
    assert found is not None  # only a default could be None, and none was given
    # lightkube asserts that there is a user; a server that lets everybody in needs none.
    return found._replace(user=found.user or User())


def _elsewhere() -> str:
    file = os.environ.get("KUBECONFIG", "~/.kube/config")
    return f"DMS_KUBERNETES_KUBECONFIG is not set, this process runs in no cluster, and the kubeconfig {file}"
