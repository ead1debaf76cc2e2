"""Renal function, worked out step by step and drawn over time against a drug's bands, for `charts/_renal.html`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cards.consult import Considered
from cards.facts import Facts
from cards.pharmacology.dose_bands import bands_of, reads_renal_function
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_history import RenalPoint, renal_history
from cards.pharmacology.renal.renal_working import RenalWorking, renal_working
from cards.wording import number
from cds_service.pages.charts.clearance_chart import ClearanceChart, clearance_chart
from cds_service.pages.charts.dose import drugs_of


class Row(NamedTuple):
    """One result in words, as the table below the drawing shows it."""

    on: str
    result: str
    clearance: str
    source: str


class RenalPart(NamedTuple):
    """How the renal function was worked out; every result on file; a drawing for each ordered drug."""

    working: RenalWorking
    rows: tuple[Row, ...]
    charts: tuple[ClearanceChart, ...]


def renal_part(considered: Iterable[Considered], facts: Facts) -> RenalPart | None:
    """The part for these orders; None: no rule that was asked about them looks at the kidneys."""
    asked = [one for one in considered if reads_renal_function(one.card.knowledge)]
    if not asked:
        return None
    points, renal = renal_history(facts), renal_function(facts)
    charts = []
    for drug in drugs_of(asked):
        bands = bands_of(drug, [one.card.knowledge for one in asked if one.order is drug])
        if points:
            charts.append(clearance_chart(drug.name, points, renal, bands, facts.as_of))
    return RenalPart(renal_working(facts), tuple(_row(point) for point in points), tuple(charts))


def _row(point: RenalPoint) -> Row:
    creatinine, clearance = point.creatinine, point.clearance
    result = (
        "" if creatinine is None else f"{creatinine.comparator}{number(creatinine.value or 0, 2)} {creatinine.unit}"
    )
    if clearance is None:
        return Row(point.on.isoformat(), result, "not known", point.why)
    source = str(clearance.source)
    if point.later_weight is not None:
        source = f"{source}, with the weight of {point.later_weight} (none on file before)"
    return Row(point.on.isoformat(), result, f"{number(clearance.ml_min)} {point.unit}", source)
