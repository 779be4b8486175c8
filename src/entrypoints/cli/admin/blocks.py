"""`admin blocks`: whose submits are refused."""

from __future__ import annotations

from collections.abc import Iterator

from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import Document
from entrypoints.cli.admin.output import console, moment, print_json, table

EVERYBODY = "(everybody)"


def blocks(*, access: Access = EVERYWHERE) -> None:
    """List the blocks in force: whose submits are refused, until when and why."""
    pages = list(access.client().pages("/blocks"))
    if access.json:
        merged = {user: block for page in pages for user, block in page["details"].items()}
        return print_json({**pages[-1], "users": list(merged), "details": merged})
    rows = [row for place, page in enumerate(pages) for row in _rows(page, with_everybody=place == 0)]
    if not rows:
        return print("Nobody is blocked.")
    console().print(table(("user", "until", "reason"), rows))


def _rows(page: Document, *, with_everybody: bool) -> Iterator[tuple[str, str, str]]:
    if with_everybody and page["blocked"]:
        block = page["everybody"]
        yield EVERYBODY, moment(block["until"]), block["reason"]
    for user, block in page["details"].items():
        yield user, moment(block["until"]), block["reason"]
