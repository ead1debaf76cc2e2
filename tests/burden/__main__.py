"""python -m tests.burden: cards per 100 orders by rule and level, and how often one order brings more than two cards.

Replays the usual orders of `orders.yaml` at both hooks on a generated population and, where CDS_TEST_DATA names it,
on the Synthea patients, each as of the last day of the record.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Sequence

from cards.orders import Hook
from tests.burden.population import population
from tests.burden.replay import Answered, on_chart

LEVELS = ("critical", "warning", "info")
MANY = 2  # more cards than this on one order are counted


def main() -> None:
    """Prints the tables of docs/alert-burden.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=300, help="size of the generated population")
    parser.add_argument("--loudest", type=int, default=10, help="people to name, the most cards first")
    options = parser.parse_args()
    generated = [one for person, chart in population(options.people) for one in on_chart(person, chart)]
    _report("Generated population", generated, options.loudest)
    if os.environ.get("CDS_TEST_DATA"):
        from tests.burden.synthea import on_synthea_charts

        _report("Synthea patients", list(on_synthea_charts()), options.loudest)
    else:
        print("\nSynthea patients are left out: CDS_TEST_DATA names no folder of records.")


def _report(name: str, answered: Sequence[Answered], loudest: int) -> None:
    people = len({one.person for one in answered})
    print(f"\n## {name}: {people} people, {len(answered)} calls\n")
    print("| Rule | Hook | " + " | ".join(LEVELS) + " |\n| --- | --- | --- | --- | --- |")
    calls = Counter(one.hook for one in answered)
    cards = Counter((rule, one.hook, level) for one in answered for rule, level in one.cards)
    for rule, hook in sorted({(rule, hook) for rule, hook, _ in cards}):
        shares = (f"{100 * cards[rule, hook, level] / calls[hook]:.1f}" for level in LEVELS)
        print(f"| `{rule}` | {hook} | {' | '.join(shares)} |")
    for hook in Hook:
        _print_hook(hook, [one for one in answered if one.hook is hook])
    _print_orders(answered)
    _print_loudest(answered, loudest)


def _print_hook(hook: Hook, answered: Sequence[Answered]) -> None:
    total = sum(len(one.cards) for one in answered)
    silent = sum(not one.cards for one in answered)
    many = sum(len(one.cards) > MANY for one in answered)
    unchecked = sum(one.unchecked for one in answered)
    print(
        f"\n{hook}: {_per_100(total, answered)} cards per 100 orders; silent {_per_100(silent, answered)} %; "
        f"more than {MANY} cards {_per_100(many, answered)} %; note on what could not be checked "
        f"{_per_100(unchecked, answered)} %"
    )


def _print_orders(answered: Sequence[Answered]) -> None:
    print("\n| Order | cards per 100 at order-select | at order-sign |\n| --- | --- | --- |")
    for order in dict.fromkeys(one.order for one in answered):
        of_order = [one for one in answered if one.order == order]
        shares = []
        for hook in Hook:
            at_hook = [one for one in of_order if one.hook is hook]
            shares.append(_per_100(sum(len(one.cards) for one in at_hook), at_hook))
        print(f"| {order} | {' | '.join(shares)} |")


def _print_loudest(answered: Sequence[Answered], at_most: int) -> None:
    counted = Counter[str]()
    for one in answered:
        counted[one.person] += len(one.cards)
    calls = len(answered) / max(len(counted), 1)
    print(
        f"\nLoudest of {len(counted)}: "
        + ", ".join(f"{p} ({n / calls:.2f} a call)" for p, n in counted.most_common(at_most))
    )


def _per_100(count: int, of: Iterable[object]) -> str:
    total = sum(1 for _ in of)
    return f"{100 * count / total:.1f}" if total else "-"


if __name__ == "__main__":
    main()
