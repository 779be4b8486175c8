"""What a PromQL query asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promql_parser import AggregateExpr, Expr, MatchOp, MatrixSelector, VectorSelector, parse, walk

INTERVAL = "$__rate_interval"
"""Grafana's own, which it puts in before a query is sent."""


@dataclass(frozen=True, slots=True)
class Selected:
    """Series that a query selects."""

    name: str
    labels: frozenset[str]
    """Labels that it compares."""
    values: tuple[tuple[str, str], ...]
    """Labels and what they must be, alternatives one by one."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """An aggregation: the labels that it keeps, and what it is about."""

    labels: frozenset[str]
    selected: tuple[Selected, ...]


def parsed(query: str) -> Expr:
    """Return a query as a tree. Raises ValueError where it is no PromQL."""
    tree: Expr = parse(query.replace(INTERVAL, "5m"))
    return tree


def selections(tree: Expr) -> list[Selected]:
    """Return all that a query selects."""
    return [_selected(each) for each in _nodes(tree) if isinstance(each, VectorSelector)]


def groupings(tree: Expr) -> list[Grouped]:
    """Return all aggregations of a query."""
    return [
        Grouped(frozenset(each.modifier.labels if each.modifier else ()), tuple(selections(each.expr)))
        for each in _nodes(tree)
        if isinstance(each, AggregateExpr)
    ]


def _nodes(tree: Expr) -> Iterator[Expr]:
    found: list[Expr] = []
    walk(tree, found.append)
    for each in found:
        yield each
        if isinstance(each, MatrixSelector):
            yield each.vector_selector


def _selected(selector: VectorSelector) -> Selected:
    matchers = selector.matchers.matchers
    assert selector.name is not None
    return Selected(
        selector.name,
        frozenset(each.name for each in matchers),
        tuple(
            (each.name, value)
            for each in matchers
            if each.op in (MatchOp.Equal, MatchOp.Re)
            for value in each.value.split("|")
        ),
    )
