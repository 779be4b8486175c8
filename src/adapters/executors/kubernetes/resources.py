"""The resources that the executor touches, as lightkube's client wants them described."""

from __future__ import annotations

from typing import Any, TypeAlias

from lightkube.core.resource import ApiInfo, NamespacedSubResource, ResourceDef
from lightkube.generic_resource import GenericNamespacedResource, create_api_info

from adapters.executors.kubernetes.kinds import KINDS, Kind

Resource: TypeAlias = type[GenericNamespacedResource]


def _resource(api_version: str, kind: str, plural: str) -> Resource:
    """Return a class for a resource of which the objects are plain mappings.

    It stays out of lightkube's registry, which knows some of these kinds as typed models.
    """
    group, _, version = api_version.rpartition("/")
    return type(kind, (GenericNamespacedResource,), {"_api_info": create_api_info(group, version, kind, plural)})


PODS = _resource("v1", "Pod", "pods")
EVENTS = _resource("v1", "Event", "events")
POD_LOGS: Any = type(
    "PodLog",
    (NamespacedSubResource,),
    {
        "_api_info": ApiInfo(
            resource=ResourceDef("", "v1", "Pod"),
            parent=ResourceDef("", "v1", "Pod"),
            plural="pods",
            verbs=["get"],
            action="log",
        )
    },
)

_OF_KIND = {kind.api_version: _resource(kind.api_version, kind.kind, kind.plural) for kind in KINDS}


def resource_of(kind: Kind) -> Resource:
    """Return the resource of a kind of workload."""
    return _OF_KIND[kind.api_version]
