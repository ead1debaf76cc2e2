"""Ten minutes at 80 % of what the service can do, 20 connections: errors, latencies, memory, and a stop at the end.

Exit code 1 when an answer was no 200, when the 95th percentile is above half a second (NET-04), when the memory of the
workers grew by 5 % or more, or when the stop failed.
"""

from __future__ import annotations

import argparse
from statistics import mean
from typing import NamedTuple

from tests.bench.bodies import one_card
from tests.bench.servers import Running, service
from tests.load.paced import Load, paced

CONNECTIONS = 20
SHARE = 0.8
P95_MS = 500
GROWTH = 0.05


class Sample(NamedTuple):
    """Resident memory of all workers at a time since the beginning."""

    seconds: float
    megabytes: float


class Endured(NamedTuple):
    """What a run showed. `most`: with every connection busy all the time; `load`: at 80 % of what that brought."""

    most: Load
    load: Load
    samples: list[Sample]

    def memory(self, share: float) -> tuple[float, float]:
        """Mean memory (MB) of the workers during the first and the last part of the run, a part being this share."""
        ends = self.samples[-1].seconds
        first = [sample.megabytes for sample in self.samples if sample.seconds <= ends * share]
        last = [sample.megabytes for sample in self.samples if sample.seconds >= ends * (1 - share)]
        return mean(first), mean(last)

    def by_minute(self) -> list[float]:
        """Mean memory (MB) of the workers in each minute."""
        minutes: dict[int, list[float]] = {}
        for sample in self.samples:
            minutes.setdefault(int(sample.seconds // 60), []).append(sample.megabytes)
        return [mean(megabytes) for megabytes in minutes.values()]


def endure(server: Running, *, seconds: float, warm_seconds: float, body: bytes) -> Endured:
    """Measures the capacity, which warms the workers up too, then holds 80 % of it."""
    samples: list[Sample] = []
    most = paced(server.port, body, connections=CONNECTIONS, seconds=warm_seconds, per_second=0)

    def look(elapsed: float) -> None:
        samples.append(Sample(elapsed, server.workers_megabytes()))

    load = paced(
        server.port,
        body,
        connections=CONNECTIONS,
        seconds=seconds,
        per_second=most.per_second * SHARE,
        every_second=look,
    )
    return Endured(most, load, samples)


def main() -> None:
    """Prints the figures of docs/reliability.md."""
    options = _options()
    with service(workers=options.workers) as server:
        endured = endure(server, seconds=options.seconds, warm_seconds=options.warm_seconds, body=one_card())
    load, (first, last) = endured.load, endured.memory(min(0.5, 60 / options.seconds))
    growth = last / first - 1
    print(f"{CONNECTIONS} connections, {options.workers} workers, no error")
    print(f"capacity: {_figures(endured.most)}")
    asked = endured.most.per_second * SHARE
    print(f"load of {asked:.0f} a second: {_figures(load)}; the latest call was {load.late_seconds:.1f} s late")
    print("memory by minute: " + ", ".join(f"{megabytes:.0f}" for megabytes in endured.by_minute()))
    print(f"memory of the workers: {first:.1f} MB at first, {last:.1f} MB at last ({growth:+.1%})")
    raise SystemExit(load.percentile(0.95) > P95_MS or growth >= GROWTH)


def _figures(load: Load) -> str:
    latencies = ", ".join(f"p{100 * share:g} {load.percentile(share):.1f} ms" for share in (0.5, 0.95, 0.99))
    return f"{len(load.latencies_ms)} calls in {load.seconds:.0f} s, {load.per_second:.0f} a second; {latencies}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--warm-seconds", type=float, default=30)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
