"""The pages hang together."""

from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, links, pages

WRITTEN_ELSEWHERE = ("http://", "https://", "mailto:")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if link.startswith(WRITTEN_ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_every_page_is_linked_from_another() -> None:
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in pages() for link in links(page)}
    assert {page for page in pages() if page not in linked} <= {ROOT / "README.md"}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = [line.lstrip("#").strip() for line in page.read_text().splitlines() if line.startswith("#")]
    kept = ("".join(each for each in heading.lower() if each.isalnum() or each in " -_") for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}
