"""``python -m tests.chaos``: kill, freeze and cut off real processes under load, and say what went wrong."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos.plan import FAIL_OVERS, FULL, RESTARTS, SHORT
from tests.chaos.report import MOST_SHOWN, as_json, table, write_story
from tests.chaos.run import run
from tests.chaos.shape import Shape

PLANS = {"full": FULL, "short": SHORT, "fail-overs": FAIL_OVERS, "restarts": RESTARTS}


def main(arguments: list[str] | None = None) -> int:
    """Return 0 where all is right."""
    options = _parser().parse_args(arguments)
    # As Ctrl-C does, it ends everything that was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    default = Shape()
    shape = Shape(
        tasks=options.tasks,
        movers=round(default.movers * options.tasks / default.tasks),
        span_s=options.seconds,
    )
    wrong = [seed for seed in range(options.seed, options.seed + options.seeds) if not _run(seed, shape, options)]
    print(f"{options.seeds} seeds: {f'wrong {wrong}' if wrong else 'all right'}")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    default = Shape()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: 1)")
    parser.add_argument("--seeds", type=int, default=5, help="how many, one after the other (default: 5)")
    parser.add_argument("--tasks", type=int, default=default.tasks, help=f"default: {default.tasks}")
    parser.add_argument(
        "--seconds",
        type=float,
        default=default.span_s,
        help=f"users submit and faults come over so long (default: {default.span_s:g})",
    )
    parser.add_argument("--faults", choices=PLANS, default="full", help="which come how often (default: full)")
    parser.add_argument("--keep", action="store_true", help="leave logs and evidence even where all is right")
    return parser


def _run(seed: int, shape: Shape, options: argparse.Namespace) -> bool:
    directory = Path(tempfile.mkdtemp(prefix=f"dms-chaos-{seed}-"))
    keep = True
    try:
        print(f"seed {seed}: {shape.tasks} tasks over {shape.span_s:g} s", flush=True)
        result = asyncio.run(run(seed, shape, PLANS[options.faults], directory))
        print(table(result))
        print(as_json(result), flush=True)
        write_story(result, directory)
        for finding in result.findings[:MOST_SHOWN]:
            print(f"WRONG: {finding}")
        keep = options.keep or not result.is_right
        return result.is_right
    finally:
        if keep:
            print(f"Logs, evidence and the story are in {directory}", flush=True)
        else:
            shutil.rmtree(directory)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; everything that was started has ended.")
