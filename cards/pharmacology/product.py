"""Which product gives a dose in whole counts? (decisions: dose arithmetic)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cards.concepts import Code, Strength, load_value_sets
from cards.opinion import RegimenLine
from cards.orders import Drug
from cards.pharmacology.dose_line import MG_PER_UNIT, NOISE

# Value sets that tell forms of release apart: a product of another form never replaces the ordered one.
FORMS = frozenset({"pregabalin_extended_release", "gabapentin_gastroretentive", "gabapentin_enacarbil"})


class Regimen(NamedTuple):
    """Dose lines and the product that gives them; `product` None keeps the ordered one."""

    lines: tuple[RegimenLine, ...]
    product: Code | None


def giveable(drug: Drug, ingredient: str, lines: Sequence[RegimenLine]) -> Regimen | None:
    """The lines in counts of the ordered product, else of another of its form; None when none gives these doses.

    An order that names no product, or a liquid, keeps its doses in mg.
    """
    strength = drug.strength
    if strength is None or strength.per == "mL" or drug.strength_conflict:
        return None if drug.strength_conflict else Regimen(tuple(lines), None)
    own = _counted(lines, strength)
    if own is not None:
        return Regimen(own, None)
    fitting = [
        (counts, code)
        for code in _products(drug, ingredient)
        if code.strength is not None and (counts := _counted(lines, code.strength)) is not None
    ]
    if not fitting:
        return None
    counts, code = min(fitting, key=lambda fit: (max(line.count or 0 for line in fit[0]), fit[1].code))
    return Regimen(counts, code)


def _counted(lines: Iterable[RegimenLine], strength: Strength) -> tuple[RegimenLine, ...] | None:
    """The lines with their counts; None when a dose is no whole count."""
    mg = strength.value * MG_PER_UNIT.get(strength.unit, 0.0)
    if not mg:
        return None
    counted = []
    for line in lines:
        count = round(line.dose_mg / mg)
        if count < 1 or abs(count * mg - line.dose_mg) > NOISE:
            return None
        counted.append(RegimenLine(line.dose_mg, line.per_day, float(count), line.days, line.when))
    return tuple(counted)


def _products(drug: Drug, ingredient: str) -> Iterable[Code]:
    """Confirmed products of the same form and release; of the ordered brand, else generic ones."""
    value_sets = load_value_sets()
    form = drug.concepts & FORMS
    for codes in value_sets.concept(ingredient).codes.values():
        for code in codes:
            if code.strength is None or not code.confirmed or not _is_same_form(code.strength, drug):
                continue
            if _is_same_brand(code, drug) and value_sets.coded(code.system, code.code) & FORMS == form:
                yield code


def _is_same_form(strength: Strength, drug: Drug) -> bool:
    return drug.strength is not None and (strength.per == drug.strength.per or drug.strength.per == "unit")


def _is_same_brand(code: Code, drug: Drug) -> bool:
    """RxNorm writes the brand in brackets at the end of a product's name."""
    brand = f"[{drug.brand}]".lower()
    return code.display.lower().endswith(brand) if drug.brand else not code.display.endswith("]")
