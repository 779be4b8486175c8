"""What the position of a waiting task must be, said with the domain's model."""

from dataclasses import replace

from domain.position import QueuePosition, Rival


def relative(position: QueuePosition) -> tuple[QueuePosition, list[str]]:
    """Return a position without the numbers of turns, and who of those it names goes before whom.

    A store that failed over skips numbers, so its turns are the model's in their order alone.
    """
    ranking = sorted({position.own, *position.firsts}, key=lambda rival: rival.rank)
    firsts = tuple(_without_turn(first) for first in position.firsts)
    return replace(position, own=_without_turn(position.own), firsts=firsts), [rival.task_id for rival in ranking]


def _without_turn(rival: Rival) -> Rival:
    return replace(rival, since=0)
