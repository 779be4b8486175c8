"""The kinds of workload that the executor can start and follow."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.executors.kubernetes.kinds.base import Condition, Kind, Phase
from adapters.executors.kubernetes.kinds.job import PlainJob
from adapters.executors.kubernetes.kinds.mpijob import MpiJob
from adapters.executors.kubernetes.kinds.volcano import VolcanoJob
from adapters.executors.kubernetes.problems import UnfitValue

KINDS: tuple[Kind, ...] = (PlainJob(), VolcanoJob(), MpiJob())

__all__ = ["KINDS", "Condition", "Kind", "Phase", "kind_of"]


def kind_of(document: object) -> Kind:
    """Return the kind of a manifest. Raises :class:`UnfitValue` where it is none of ours or has no pod template."""
    if not isinstance(document, Mapping):
        raise UnfitValue("it must hold one mapping, a manifest")
    named = document.get("apiVersion"), document.get("kind")
    for kind in KINDS:
        if named == (kind.api_version, kind.kind):
            kind.check(document)
            return kind
    known = ", ".join(f"{kind.api_version} {kind.kind}" for kind in KINDS)
    raise UnfitValue(f"apiVersion {named[0]!r} and kind {named[1]!r} are not known; known are {known}", near="kind:")
