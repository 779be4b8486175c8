"""`admin top`: the service at a glance, again and again."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live

from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import AdminClient, Unreachable
from entrypoints.cli.admin.keyboard import single_keys
from entrypoints.cli.admin.output import console, print_json
from entrypoints.cli.admin.overview import Overview, look
from entrypoints.cli.admin.top_view import view
from entrypoints.cli.interrupts import sigterm_as_ctrl_c
from entrypoints.cli.problems import Misuse

SHORTEST_S, LONGEST_S = 0.2, 3600.0

Every = Annotated[float, Parameter(help="Seconds from one look to the next.")]
Once = Annotated[bool, Parameter(negative="", show_default=False, help="Print it once, and end.")]


def top(*, every: Every = 2.0, once: Once = False, access: Access = EVERYWHERE) -> None:
    """Show what runs, what waits, who is next, and the replicas, until q or Ctrl-C.

    Where the output is no terminal, and with --once or --json, it is printed once.
    """
    if not SHORTEST_S <= every <= LONGEST_S:
        raise Misuse(f"--every takes {SHORTEST_S:g} to {LONGEST_S:g} seconds")
    client, screen = access.client(), console()
    overview = look(client)
    if access.json:
        print_json(overview.document())
    elif once or not screen.is_terminal:
        screen.print(view(overview, client.url))
    else:
        sigterm_as_ctrl_c()
        with suppress(KeyboardInterrupt):
            _live(client, screen, overview, every)


def _live(client: AdminClient, screen: Console, overview: Overview, every: float) -> None:
    live = Live(view(overview, client.url), console=screen, screen=True, auto_refresh=False)
    try:
        with single_keys() as key:
            live.start(refresh=True)
            while key(every) not in ("q", "Q"):
                problem = ""
                try:
                    overview = look(client)
                except Unreachable as error:
                    problem = str(error)
                live.update(view(overview, client.url, problem), refresh=True)
    finally:
        live.stop()  # used as a context it would leave the screen as it is where Ctrl-C comes while it starts
