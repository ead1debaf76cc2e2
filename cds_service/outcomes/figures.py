"""From counts to what people read: sums by rule, client, hook or week, and the rates among them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeVar

from cds_service.outcomes.counts import CALLS, Cell, Counts

Word = TypeVar("Word")
By = Literal["week", "topic", "client", "hook"]
Key = tuple[Any, ...]


class Figures(NamedTuple):
    """Numbers of cards; `calls`: of the same weeks, clients and hooks, whatever they brought.

    `asked`: how often a rule was asked for its opinion, `cannot_tell` of these how often it could not tell (or failed).
    """

    calls: int = 0
    accepted: int = 0
    overridden: int = 0
    ignored: int = 0
    silent: int = 0
    asked: int = 0
    cannot_tell: int = 0

    @property
    def shown(self) -> int:
        """Cards shown: each of them was accepted, overridden or ignored."""
        return self.accepted + self.overridden + self.ignored

    @property
    def override_rate(self) -> float | None:
        """Overridden, of those that were answered at all. None: none was."""
        return _share(self.overridden, self.accepted + self.overridden)

    @property
    def ignored_share(self) -> float | None:
        """Ignored, of those shown."""
        return _share(self.ignored, self.shown)

    @property
    def per_100_calls(self) -> float | None:
        """Cards shown. None: no call was counted."""
        return _per_100(self.shown, self.calls)

    @property
    def silent_per_100_calls(self) -> float | None:
        """Cards that would have been shown."""
        return _per_100(self.silent, self.calls)

    @property
    def cannot_tell_share(self) -> float | None:
        """Of all times that the rule was asked."""
        return _share(self.cannot_tell, self.asked)


def figures(counts: Counts, *by: By) -> dict[Key, Figures]:
    """The figures of each group, which is called by its values of `by`, in their order.

    Calls have no topic: those of a group are the ones of its week, client and hook, as far as these are in `by`.
    """
    sums: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    calls: Counter[Key] = Counter()
    of_calls = tuple(name for name in by if name != "topic")
    for (cell, what), number in counts.numbers.items():
        if what != CALLS:
            sums[_key(cell, by)][what] += number
            continue
        calls[_key(cell, of_calls)] += number
        if of_calls == by:
            sums.setdefault(_key(cell, by), Counter())
    return {key: Figures(**of, calls=calls[_without_topic(key, by)]) for key, of in sorted(sums.items())}


def total(counts: Counts) -> Figures:
    """The figures of all that was asked for."""
    return figures(counts).get((), Figures())


def added(counted: Mapping[tuple[Cell, Word], int], *by: By) -> dict[Key, Counter[Word]]:
    """Reasons (of overriding, or of not knowing) with their numbers, by group."""
    sums: defaultdict[Key, Counter[Word]] = defaultdict(Counter)
    for (cell, word), number in counted.items():
        sums[_key(cell, by)][word] += number
    return dict(sorted(sums.items()))


def _key(cell: Cell, by: tuple[By, ...]) -> Key:
    return tuple(getattr(cell, name) for name in by)


def _without_topic(key: Key, by: tuple[By, ...]) -> Key:
    return tuple(value for value, name in zip(key, by, strict=True) if name != "topic")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _per_100(cards: int, calls: int) -> float | None:
    return 100 * cards / calls if calls else None
