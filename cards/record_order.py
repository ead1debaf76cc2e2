"""Records by the names under which rules ask for them, in the order in which they want them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import inf
from typing import NamedTuple

from cards.records import Diagnosis, Measurement


class Diagnoses(NamedTuple):
    """Diagnoses, and the same by value set."""

    every: tuple[Diagnosis, ...]
    by_concept: dict[str, tuple[Diagnosis, ...]]

    def of(self, concepts: tuple[str, ...]) -> tuple[Diagnosis, ...]:
        """Those of these value sets; all of them when none is named."""
        if len(concepts) == 1:
            return self.by_concept.get(concepts[0], ())
        if not concepts:
            return self.every
        return tuple([d for d in self.every if not d.concepts.isdisjoint(concepts)])


def newest_known_first(diagnoses: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """The diagnoses, the newest first, undated ones last; those of one day by code and words.

    The order in which a server sends a problem list is no order: the same list makes the same sentence.
    """
    return tuple(sorted(diagnoses, key=_age))


def _age(diagnosis: Diagnosis) -> tuple[int, str, str, bool]:
    on = diagnosis.on
    return -on.toordinal() if on is not None else 0, diagnosis.code, diagnosis.display, diagnosis.is_suspected


def by_concept(every: tuple[Diagnosis, ...]) -> Diagnoses:
    """The diagnoses by value set as well."""
    found: dict[str, tuple[Diagnosis, ...]] = {}
    for d in every:
        for concept in d.concepts:
            found[concept] = (*found.get(concept, ()), d)
    return Diagnoses(every, found)


def newest_first(measurements: Iterable[Measurement]) -> dict[str, tuple[Measurement, ...]]:
    """The measurements of each concept, the newest first, undated ones last."""
    found: dict[str, list[Measurement]] = {}
    for m in measurements:
        found.setdefault(m.concept, []).append(m)
    return {concept: tuple(sorted(of_one, key=_recency, reverse=True)) for concept, of_one in found.items()}


def _recency(measurement: Measurement) -> tuple[date, float, bool, float, str]:
    """By day and instant; of one instant the readable before the other, the higher before the lower.

    The order in which a server sends its answer is no order: of two creatinines of one minute, one is always chosen.
    """
    at, value = measurement.at, measurement.value
    return (
        measurement.on or date.min,
        0.0 if at is None else at.timestamp(),
        not measurement.unreadable,
        -inf if value is None else value,
        measurement.finding or "",
    )
