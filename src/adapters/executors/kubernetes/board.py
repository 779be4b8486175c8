"""What the cluster was last seen to do, for all tasks; whoever follows one of them is told of changes to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

from adapters.executors.kubernetes.kinds import Kind
from adapters.executors.kubernetes.names import WorkKey
from adapters.executors.kubernetes.objects import Pod, Workload

REMOVED_KNOWN = 1000
"""No more workloads than that go while one answer is on its way."""


class Followed:
    """One attempt's work, as its execution sees it."""

    def __init__(self, name: str, pods: dict[str, Pod]) -> None:
        self.name = name
        """The workload's name; another one with the same labels is somebody else's."""
        self.workload: Workload | None = None
        """As last seen, also after it was deleted."""
        self.is_gone = False
        """Whether it was there and is no more."""
        self.last_pods: dict[str, Pod] = dict(pods)
        """Every pod's last state, also of those that were deleted: only here it is still told how they ended."""
        self.pods = pods
        self.changed = asyncio.Event()


class Board:
    """Workloads and pods that carry our labels, by the work that they belong to."""

    def __init__(self) -> None:
        self._workloads: dict[str, Workload] = {}
        self._pods: dict[str, tuple[WorkKey, Pod]] = {}
        self._pods_of: dict[WorkKey, dict[str, Pod]] = {}
        self._followers: dict[WorkKey, list[Followed]] = {}
        self._removed: deque[str] = deque(maxlen=REMOVED_KNOWN)
        """Workloads that are no more, for answers that tell of them late."""

    @property
    def workloads(self) -> Sequence[Workload]:
        """All that are there, whosever."""
        return tuple(self._workloads.values())

    def follow(self, key: WorkKey, name: str) -> Followed:
        """Begin to follow work, which need not be there yet."""
        followed = Followed(name, self._pods_of.setdefault(key, {}))
        self._followers.setdefault(key, []).append(followed)
        return followed

    def unfollow(self, key: WorkKey, followed: Followed) -> None:
        """Stop following."""
        followers = self._followers.get(key, [])
        if followed in followers:
            followers.remove(followed)
        if not followers:
            self._followers.pop(key, None)
            if not self._pods_of.get(key):
                self._pods_of.pop(key, None)

    # --- what watches tell -------------------------------------------------------------------------------------

    def put_workload(self, workload: Workload) -> None:
        """It is there, and so."""
        self._workloads[workload.uid] = workload
        for followed in self._followers.get(workload.key, ()):
            if followed.name == workload.name:
                followed.workload, followed.is_gone = workload, False
                followed.changed.set()

    def adopt(self, followed: Followed, workload: Workload) -> None:
        """An answer has told of a followed workload; what a watch has told of it is as new or newer."""
        if followed.workload is not None:
            return
        if workload.uid in self._removed:
            followed.workload, followed.is_gone = workload, True
        else:
            followed.workload = self._workloads.setdefault(workload.uid, workload)

    def remove_workload(self, uid: str) -> None:
        """It is no more."""
        self._removed.append(uid)
        workload = self._workloads.pop(uid, None)
        for followed in self._followers.get(workload.key, ()) if workload is not None else ():
            if followed.workload is not None and followed.workload.uid == uid:
                followed.is_gone = True
                followed.changed.set()

    def workload_uids(self, kind: Kind) -> frozenset[str]:
        """Return which of a kind are there."""
        return frozenset(uid for uid, each in self._workloads.items() if each.kind is kind)

    def put_pod(self, key: WorkKey, pod: Pod) -> None:
        """It is there, and so."""
        self._pods[pod.uid] = key, pod
        self._pods_of.setdefault(key, {})[pod.name] = pod
        for followed in self._followers.get(key, ()):
            followed.last_pods[pod.name] = pod
            followed.changed.set()

    def remove_pod(self, uid: str) -> None:
        """It is no more."""
        if (found := self._pods.pop(uid, None)) is None:
            return
        key, pod = found
        followers, pods = self._followers.get(key, ()), self._pods_of.get(key, {})
        if pods.get(pod.name, pod).uid == uid:
            pods.pop(pod.name, None)
        for followed in followers:
            followed.changed.set()
        if not followers and not pods:
            self._pods_of.pop(key, None)

    def pod_uids(self) -> frozenset[str]:
        """Return which are there."""
        return frozenset(self._pods)


def newest_first(pods: Iterable[Pod]) -> list[Pod]:
    """Return pods by when they were created, the newest first; those of one moment by name."""
    return sorted(pods, key=lambda pod: (-(pod.created_at.timestamp() if pod.created_at else 0.0), pod.name))
