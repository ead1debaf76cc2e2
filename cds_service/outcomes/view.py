"""What the page shows of the counts, put together for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from cds_service.outcomes.counts import Code, Counts
from cds_service.outcomes.figures import By, Figures, added, figures, total
from cds_service.outcomes.plots import Plot, cards_by_week, override_rate_by_week
from cds_service.outcomes.words import Words, spelt


class Row(NamedTuple):
    """The figures of one rule, client or hook; `name` is what to choose it by, `title` what people call it."""

    name: str
    title: str
    figures: Figures


class Reason(NamedTuple):
    """How often a reason was given; `of_rules`: by which rules' cards, the most frequent first."""

    code: str
    words: str
    number: int
    share: float
    of_rules: tuple[tuple[str, int], ...]


class Weekly(NamedTuple):
    """The weeks of one rule, or of all that was asked for, as plots and as a table."""

    title: str
    cards: Plot
    override_rate: Plot
    weeks: tuple[tuple[date, Figures], ...]

    @property
    def shown(self) -> int:
        """Cards shown in all of these weeks."""
        return sum(of.shown for _, of in self.weeks)


class Compared(NamedTuple):
    """What a rule showed and would have shown at a client."""

    title: str
    client: str
    figures: Figures


class Unknown(NamedTuple):
    """How often a rule could not tell, and why."""

    title: str
    figures: Figures
    reasons: tuple[tuple[str, int], ...]


class View(NamedTuple):
    """All of it. `weekly` begins with the weeks of everything."""

    total: Figures
    rules: tuple[Row, ...]
    clients: tuple[Row, ...]
    hooks: tuple[Row, ...]
    weekly: tuple[Weekly, ...]
    reasons: tuple[Reason, ...]
    compared: tuple[Compared, ...]
    unknowns: tuple[Unknown, ...]
    strangers: int

    @property
    def is_empty(self) -> bool:
        """Was there no call and no card in what was asked for?"""
        return not any(self.total)


def view_of(counts: Counts, words: Words) -> View:
    """The view of these counts."""
    rules = _rows(counts, "topic", {topic: words.rule(topic) for (topic,) in figures(counts, "topic")})
    of_weeks = {monday: of for (monday,), of in figures(counts, "week").items()}
    return View(
        total(counts),
        rules=tuple(row for row in rules if row.figures.shown or row.figures.silent),
        clients=_rows(counts, "client", {}),
        hooks=_rows(counts, "hook", {}),
        weekly=(_plotted("All cards", counts, of_weeks), *(_of_each_rule(counts, rules) if len(rules) > 1 else ())),
        reasons=_reasons(counts, words),
        compared=_compared(counts, words),
        unknowns=_unknowns(counts, rules, words),
        strangers=counts.strangers,
    )


def _rows(counts: Counts, by: By, titles: Mapping[str, str]) -> tuple[Row, ...]:
    """Those with the most cards first."""
    rows = [Row(name, titles.get(name, name), of) for (name,), of in figures(counts, by).items()]
    return tuple(sorted(rows, key=lambda row: (-row.figures.shown, -row.figures.silent, row.title)))


def _of_each_rule(counts: Counts, rules: Sequence[Row]) -> list[Weekly]:
    of_rules = figures(counts, "topic", "week")
    return [
        _plotted(row.title, counts, {monday: of for (topic, monday), of in of_rules.items() if topic == row.name})
        for row in rules
        if row.figures.shown
    ]


def _plotted(title: str, counts: Counts, of: Mapping[date, Figures]) -> Weekly:
    mondays = [week.monday for week in counts.weeks]
    table = tuple((monday, of.get(monday, Figures())) for monday in mondays)
    return Weekly(title, cards_by_week(mondays, of), override_rate_by_week(mondays, of), table)


def _reasons(counts: Counts, words: Words) -> tuple[Reason, ...]:
    by_code: dict[Code, list[tuple[str, int]]] = {}
    for (topic,), reasons in added(counts.reasons, "topic").items():
        for code, number in reasons.items():
            by_code.setdefault(code, []).append((words.rule(topic), number))
    overridden = total(counts).overridden
    rows = [_reason(code, of_rules, overridden, counts, words) for code, of_rules in by_code.items()]
    return tuple(sorted(rows, key=lambda row: (-row.number, row.words, row.code)))


def _reason(code: Code, of_rules: list[tuple[str, int]], overridden: int, counts: Counts, words: Words) -> Reason:
    number = sum(times for _, times in of_rules)
    most_first = tuple(sorted(of_rules, key=lambda one: (-one[1], one[0])))
    return Reason(spelt(code), words.reason(code, counts.displays), number, number / overridden, most_first)


def _compared(counts: Counts, words: Words) -> tuple[Compared, ...]:
    """Rules that were silent somewhere, at every client where they had something to say."""
    silent = {topic for (topic,), of in figures(counts, "topic").items() if of.silent}
    rows = [
        Compared(words.rule(topic), client, of)
        for (topic, client), of in figures(counts, "topic", "client").items()
        if topic in silent and (of.shown or of.silent)
    ]
    return tuple(sorted(rows, key=lambda row: (row.title, row.client)))


def _unknowns(counts: Counts, rules: Sequence[Row], words: Words) -> tuple[Unknown, ...]:
    """The largest share first."""
    reasons = added(counts.unknowns, "topic")
    rows = [
        Unknown(
            row.title,
            row.figures,
            tuple((words.why(reason), number) for reason, number in reasons[row.name,].most_common()),
        )
        for row in rules
        if row.figures.cannot_tell
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.figures.cannot_tell_share or 0), row.title)))
