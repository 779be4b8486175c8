"""``python -m tests.simulation``: simulates many seeds, does one again, or shows that seeded bugs are caught."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.simulation.decisions import Scripted, Seeded
from tests.simulation.mutations import ALL
from tests.simulation.mutations.hunt import MOST_SEEDS, hunt_all
from tests.simulation.report import history, report
from tests.simulation.run import simulate
from tests.simulation.seeds import run_seeds

SAID_EVERY = 1000
MOST_REPORTS = 3


def main(arguments: list[str] | None = None) -> int:
    """Return 0 where all is right."""
    options = _parser().parse_args(arguments)
    if options.mutations:
        return _mutations(options)
    if options.replay is not None:
        return _replay(options)
    return _seeds(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds (default: 1000)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (default: 0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side (default: 2)")
    parser.add_argument("--replay", type=int, metavar="SEED", help="do one seed again and tell its story")
    parser.add_argument("--script", help="with --replay: its decisions, as a failing seed prints them")
    parser.add_argument("--mutations", action="store_true", help="say after how many seeds each seeded bug is caught")
    return parser


def _seeds(options: argparse.Namespace) -> int:
    seeds = range(options.first, options.first + options.seeds)
    begun, done, failed = time.monotonic(), 0, []
    for seed, faults in run_seeds(seeds, options.jobs):
        done += 1
        if faults:
            failed.append(seed)
            print(f"seed {seed}: {faults[0]}", flush=True)
        if done % SAID_EVERY == 0:
            print(f"{done} seeds, {len(failed)} failed, {time.monotonic() - begun:.0f} s", flush=True)
    for seed in sorted(failed)[:MOST_REPORTS]:
        print()
        for line in report(seed):
            print(line)
    print(f"{done} seeds in {time.monotonic() - begun:.0f} s: {len(failed)} failed {sorted(failed) or ''}".rstrip())
    return 1 if failed else 0


def _replay(options: argparse.Namespace) -> int:
    decisions = Seeded(options.replay) if options.script is None else Scripted(json.loads(options.script))
    result = simulate(decisions, options.replay, tell=True)
    for line in history(result):
        print(line)
    return 1 if result.faults else 0


def _mutations(options: argparse.Namespace) -> int:
    missed = 0
    for mutation, found in hunt_all(ALL, options.jobs):
        if found is None:
            missed += 1
            print(f"NOT CAUGHT in {MOST_SEEDS} seeds: {mutation}", flush=True)
        else:
            seeds, rule = found
            print(f"caught after {seeds:4} seeds: {mutation} ({rule})", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
