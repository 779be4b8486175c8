"""Values as the executor gives them to a template."""

from __future__ import annotations

from tests.deploy.rendering import SERVICES

MARKS = {"dms/task-id": "10", "dms/attempt": "1"}
HOME = {"root": "/home/gpu1", "volume": "home-gpu1", "name": "home-gpu1"}
PVS = {"root": "/pvs", "volume": "pvs", "name": "pvs"}


def values(service: str, **others: object) -> dict[str, object]:
    """Values for a task of this service; ``others`` replace or add some."""
    assert service in SERVICES
    both = service in ("sync", "cp")
    paths = (
        {"source": placed("/home/gpu1/a", HOME), "destination": placed("/pvs/b", PVS)}
        if both
        else {"path": placed("/pvs/b", PVS)}
    )
    return {
        "name": f"dms-10-1-{service}",
        "namespace": "dms",
        "task_id": "10",
        "attempt": 1,
        "user": "alice",
        "service": service,
        "priority": "low",
        "queue": "low-q",
        "priority_class": "",
        "parameters": {"mode": "u+rwX"} if service == "chmod" else {},
        "options": [],
        "mounts": [HOME, PVS] if both else [PVS],
        "uid": 4321,
        "gid": 4300,
        "groups": [4300, 5000],
        "labels": MARKS,
        "annotations": {"dms/user": "alice", "dms/created-at": "2026-03-12T10:00:00+09:00"},
        "run_limit_s": 86400,
        **paths,
        **others,
    }


def placed(path: str, mount: dict[str, str]) -> dict[str, str]:
    """A path as a template gets it."""
    return {"path": path, **mount}
