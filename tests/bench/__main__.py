"""Measures the service against its yardstick, in turns in the same run, and prints medians and ratios."""

from __future__ import annotations

import argparse
from statistics import median

from cards.catalogue import load_catalogue
from tests.bench.bodies import no_card, one_card, one_silent, one_triggered, without_prefetch
from tests.bench.load import PATH, Measured, measure
from tests.bench.servers import Running, service, yardstick
from tests.bench.slow_fhir_server import slow_fhir_server

QUERY_SECONDS = 0.2
ASKED = 6  # cards that an order of pregabalin triggers on signing
SEVEN = (
    "tca-caution", "pregabalin-dose-subtherapeutic", "pregabalin-dose-exceeds-renal-max", "rituximab-hbv-serology",
    "rituximab-hbv-positive-prophylaxis", "ivig-indication", "ivig-schedule-invalid",
)  # fmt: skip


def main() -> None:
    """Prints the figures of docs/performance.md."""
    options = _options()
    with yardstick() as constant, service() as ours:
        _compare("an order that triggers nothing", no_card(), constant, ours, options)
        _compare("an order that triggers one card, which is silent", one_silent(), constant, ours, options)
        _compare("an order that triggers one card, which speaks", one_triggered(), constant, ours, options)
        _compare(f"an order that triggers {ASKED} cards, one speaks", one_card(), constant, ours, options)
    with service() as all_cards, service(off=_all_but_seven()) as seven_cards:
        _compare_catalogues("an order that triggers nothing", no_card(), all_cards, seven_cards, options)
        _compare_catalogues("an order that triggers one card", one_triggered(), all_cards, seven_cards, options)
    with service(workers=2) as ours:
        for name, body in (("one triggered", one_triggered()), (f"{ASKED} triggered", one_card())):
            runs = [_at_8(ours, body, options) for _ in range(options.runs)]
            _print(f"p50 at 8 connections, 2 workers, {name}", "ms", [run.percentile(0.50) for run in runs])
            _print(f"p99 at 8 connections, 2 workers, {name}", "ms", [run.percentile(0.99) for run in runs])
        with slow_fhir_server(QUERY_SECONDS) as address:
            body = without_prefetch(address)
            calls = [
                measure(ours, body, requests=1, connections=1).latencies_ms[0] / 1000 / QUERY_SECONDS
                for _ in range(options.runs)
            ]
            _print("fetch mode, whole call / slowest query", "x", calls)
    starts, sizes = [], []
    for _ in range(options.runs):
        with service(workers=1) as ours:
            starts.append(ours.seconds_to_ready)
            measure(ours, one_card(), requests=options.requests, connections=4)
            sizes.append(ours.worker_megabytes())
    _print("start to ready", "s", starts)
    _print("resident memory of a worker after load", "MB", sizes)


def _compare(name: str, body: bytes, constant: Running, ours: Running, options: argparse.Namespace) -> None:
    """CPU per request of both yardsticks and of the service, in turns; ratios within each turn."""
    targets = ((constant, "/plain"), (constant, "/bare"), (ours, PATH))

    def turn() -> list[float]:
        return [
            measure(server, body, requests=options.requests, connections=4, path=path).cpu_ms
            for server, path in targets
        ]

    turn()  # warm
    turns = [turn() for _ in range(options.runs)]
    print(f"{name}: {len(body)} bytes")
    for what, place in (("plain Flask route", 0), ("bare route", 1), ("service", 2)):
        _print(f"  {what}, CPU per request", "ms", [one[place] for one in turns])
    _print("  service / plain Flask route", "x", [one[2] / one[0] for one in turns])
    _print("  service / bare route", "x", [one[2] / one[1] for one in turns])


def _compare_catalogues(name: str, body: bytes, every: Running, seven: Running, options: argparse.Namespace) -> None:
    """What the other cards cost an order that is none of their business."""
    for server in (every, seven):
        measure(server, body, requests=options.requests, connections=4)  # warm
    turns = [
        [measure(server, body, requests=options.requests, connections=4).cpu_ms for server in (every, seven)]
        for _ in range(options.runs)
    ]
    _print(f"{name}, all cards / seven cards", "x", [one / other for one, other in turns])


def _all_but_seven() -> set[str]:
    return {card.rule for card in load_catalogue().cards} - set(SEVEN)


def _at_8(server: Running, body: bytes, options: argparse.Namespace) -> Measured:
    return measure(server, body, requests=options.requests, connections=8)


def _print(what: str, unit: str, figures: list[float]) -> None:
    print(f"{what}: median {median(figures):.2f} {unit} (min {min(figures):.2f}, max {max(figures):.2f})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--requests", type=int, default=1200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
