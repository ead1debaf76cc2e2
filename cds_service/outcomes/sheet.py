"""The figures as CSV, a line for each rule, client and hook in a week; reasons in sheets of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cds_service.outcomes.counts import Counts
from cds_service.outcomes.figures import By, added, figures
from cds_service.outcomes.words import Words, spelt, week
from cds_service.spreadsheet import cell

Lines = Iterator[tuple[Any, ...]]
_GROUP = ("week", "week_begins", "rule", "rule_title", "client", "hook")
_BY: tuple[By, ...] = ("week", "topic", "client", "hook")


def as_csv(table: str, counts: Counts, words: Words) -> bytes:
    """The sheet of this name. A cell that a spreadsheet would take for a formula starts with an apostrophe."""
    names, lines = TABLES[table]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow((*_GROUP, *names))
    writer.writerows([cell("" if value is None else str(value)) for value in line] for line in lines(counts, words))
    return written.getvalue().encode()


def _figures(counts: Counts, words: Words) -> Lines:
    for key, of in figures(counts, *_BY).items():
        yield (
            *_group(key, words),
            *(of.calls, of.shown, of.accepted, of.overridden, of.ignored, _rounded(of.override_rate, 4)),
            *(_rounded(of.per_100_calls, 2), of.silent, _rounded(of.silent_per_100_calls, 2)),
            *(of.asked, of.cannot_tell, _rounded(of.cannot_tell_share, 4)),
        )


def _reasons(counts: Counts, words: Words) -> Lines:
    for key, reasons in added(counts.reasons, *_BY).items():
        for code, number in sorted(reasons.items()):
            yield *_group(key, words), spelt(code), words.reason(code, counts.displays), number


def _unknowns(counts: Counts, words: Words) -> Lines:
    for key, reasons in added(counts.unknowns, *_BY).items():
        for reason, number in sorted(reasons.items()):
            yield *_group(key, words), reason, words.why(reason), number


TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[Counts, Words], Lines]]] = {
    "figures": (
        (
            *("calls", "shown", "accepted", "overridden", "ignored", "override_rate", "shown_per_100_calls"),
            *("silent", "silent_per_100_calls", "asked", "cannot_tell", "cannot_tell_share"),
        ),
        _figures,
    ),
    "reasons": (("reason", "reason_words", "overridden"), _reasons),
    "cannot-tell": (("reason", "reason_words", "cannot_tell"), _unknowns),
}


def _group(key: tuple[Any, ...], words: Words) -> tuple[Any, ...]:
    monday, topic, client, hook = key
    return week(monday), monday.isoformat(), topic, words.rule(topic), client, hook


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
