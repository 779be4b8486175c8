"""`python -m tests.guide DIRECTORY`: write anew what docs/operators-guide.md shows.

The directory must not be there; it is made, and removed again. The page shows its name: take one that a site may have.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.guide.page import GUIDE, replaced
from tests.guide.site import open_site
from tests.guide.situations import SITUATIONS, asked
from tests.guide.tasks import Shown, five_tasks, make_trees, quick_tasks


def everything(root: Path) -> Iterator[Shown]:
    """Yield all blocks of the guide."""
    for situation in SITUATIONS:
        yield situation.title, asyncio.run(asked(situation))
    make_trees(root)
    with TemporaryDirectory() as name, open_site(root, Path(name)) as site:
        yield from quick_tasks(site)
        yield from five_tasks(site, Path(name))


def main(directory: str) -> None:
    """Write each block as it comes."""
    root = Path(directory).absolute()
    root.mkdir(parents=True)
    try:
        for name, output in everything(root):
            GUIDE.write_text(replaced(GUIDE.read_text(), name, output))
            print(f"written: {name}")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
