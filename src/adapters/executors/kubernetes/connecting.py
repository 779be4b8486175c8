"""Which cluster, with whose credentials, and over which connections."""

from __future__ import annotations

import os
import socket

import httpx2
import yaml
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from adapters.executors.problems import ConfigurationProblem

IDLE_S, BETWEEN_S, MOST_UNANSWERED = 15, 5, 3
"""After so long without a byte the system asks whether the other side is there, so often and so many times."""

_PROBED = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_S),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, BETWEEN_S),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, MOST_UNANSWERED),
]


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


def probed_connections(config: SingleConfig) -> httpx2.AsyncHTTPTransport:
    """Return what makes connections of which the system notices within half a minute that they lead nowhere.

    A watch and a log that is followed may be silent for long. Where a node or a firewall on the way is gone without a
    word, nothing else would tell. Raises ConfigError where the configuration's certificates cannot be read.
    """
    assert config.user is not None, "find_cluster sees to that"
    verify = verify_cluster(config.cluster, config.user, config.abs_file, trust_env=False)
    return httpx2.AsyncHTTPTransport(verify=verify, trust_env=False, socket_options=_PROBED)


def _elsewhere() -> str:
    file = os.environ.get("KUBECONFIG", "~/.kube/config")
    return f"DMS_KUBERNETES_KUBECONFIG is not set, this process runs in no cluster, and the kubeconfig {file}"
