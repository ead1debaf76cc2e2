"""Calls the service with mutated requests, feedback, headers and FHIR answers, and says what went wrong.

python -m tests.fuzz --seconds 600 --seed 7        a campaign by hand
python -m tests.fuzz --seed 7 --only 4711          one call of it again, with its body
"""

from __future__ import annotations

import argparse
import faulthandler
import itertools
import sys
from collections.abc import Iterable, Iterator
from time import monotonic

from tests.fuzz.campaign import campaign
from tests.fuzz.examples import example

HANGS_SECONDS = 120


def main() -> int:
    """The command. Returns 1 when an answer was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="NUMBER")
    chosen = parser.parse_args()
    numbers = _watched(itertools.count() if chosen.only is None else [chosen.only])
    found = 0
    with campaign(chosen.seed) as running:
        for fault in running.run(numbers, until=monotonic() + chosen.seconds):
            found += 1
            print(fault, flush=True)
        statuses = dict(sorted(running.statuses.items()))
    if chosen.only is not None:
        sys.stdout.buffer.write(example(chosen.seed, chosen.only).body + b"\n")
    print(f"{sum(statuses.values())} calls, answered {statuses}, {found} wrongly")
    return int(found > 0)


def _watched(numbers: Iterable[int]) -> Iterator[int]:
    """The same; a call that does not end shows where it is, and ends the campaign."""
    for number in numbers:
        print(f"\r{number} ", end="", file=sys.stderr, flush=True)
        faulthandler.dump_traceback_later(HANGS_SECONDS, exit=True)
        yield number
    faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    raise SystemExit(main())
