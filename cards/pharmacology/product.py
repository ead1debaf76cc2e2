"""Which product gives a dose in whole counts?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cards.concepts import Code, Strength, load_value_sets
from cards.knowledge import TOLERANCE
from cards.opinion import RegimenLine
from cards.orders import Drug, MedicationOrder
from cards.pharmacology.dose_line import MG_PER_UNIT

# Value sets that tell forms of release apart: a product of another form never replaces the ordered one.
RELEASE_FORMS = frozenset({"pregabalin_extended_release", "gabapentin_gastroretentive", "gabapentin_enacarbil"})


class Regimen(NamedTuple):
    """Dose lines and the product that gives them; `product` None keeps the ordered one."""

    lines: tuple[RegimenLine, ...]
    product: Code | None


def giveable(order: MedicationOrder, ingredient: str | None, lines: Sequence[RegimenLine]) -> Regimen | None:
    """The lines in counts of the ordered product, else of another of its form; None when none gives these doses.

    `ingredient` names the value set of the other products; None: the ordered one only.

    An order that names no product, or a liquid, keeps its doses in mg; so does one that is written in mg and whose
    own product gives them.
    """
    drug = order.drug
    if drug.strength_conflict:
        return None
    if drug.strength is None or drug.strength.per == "mL":
        return Regimen(tuple(lines), None)
    own = _counted(lines, drug.strength)
    if own is not None:
        return Regimen(own if _is_counted(order) else tuple(lines), None)
    return None if ingredient is None else _in_other_product(drug, ingredient, lines)


def is_made(drug: Drug, ingredient: str, lines: Sequence[RegimenLine]) -> bool:
    """Does some tablet or capsule of this release give the doses in whole counts? Yes where none is known."""
    value_sets = load_value_sets()
    release = drug.concepts & RELEASE_FORMS
    strengths = [
        code.strength
        for codes in value_sets.concept(ingredient).codes.values()
        for code in codes
        if code.strength is not None
        and code.strength.per != "mL"
        and value_sets.coded(code.system, code.code) & RELEASE_FORMS == release
    ]
    return not strengths or any(_counted(lines, strength) is not None for strength in strengths)


def _in_other_product(drug: Drug, ingredient: str, lines: Sequence[RegimenLine]) -> Regimen | None:
    """The product that needs the fewest pieces; of the ordered brand where it has one that fits.

    Of equals the one of the plainest name: a capsule before a sprinkle capsule.
    """
    fitting = [
        ((not _is_of_brand(code, drug), _pieces(counts), len(code.display), code.code), Regimen(counts, code))
        for code in _products(drug, ingredient)
        if code.strength is not None and (counts := _counted(lines, code.strength)) is not None
    ]
    return min(fitting, key=lambda fit: fit[0])[1] if fitting else None


def _pieces(lines: Iterable[RegimenLine]) -> float:
    return max(line.count or 0 for line in lines)


def _is_counted(order: MedicationOrder) -> bool:
    """Is the dose of the order a number of tablets or capsules?"""
    return bool(order.lines) and order.lines[0].amount is not None and order.lines[0].amount.unit == "count"


def _counted(lines: Iterable[RegimenLine], strength: Strength) -> tuple[RegimenLine, ...] | None:
    """The lines with their counts; None when a dose is no whole count."""
    mg = strength.value * MG_PER_UNIT.get(strength.unit, 0.0)
    if not mg:
        return None
    counted = []
    for line in lines:
        count = round(line.dose_mg / mg)
        if count < 1 or abs(count * mg - line.dose_mg) > TOLERANCE:
            return None
        counted.append(line._replace(count=float(count), form="" if strength.per == "unit" else strength.per))
    return tuple(counted)


def _products(drug: Drug, ingredient: str) -> Iterable[Code]:
    """Confirmed products of the same form and release: generic ones, and those of the ordered brand."""
    value_sets = load_value_sets()
    release = drug.concepts & RELEASE_FORMS
    for codes in value_sets.concept(ingredient).codes.values():
        for code in codes:
            if code.strength is None or not code.confirmed or not _is_same_form(code.strength, drug):
                continue
            is_generic = not code.display.endswith("]")  # RxNorm writes the brand in brackets at the end
            if (is_generic or _is_of_brand(code, drug)) and (
                value_sets.coded(code.system, code.code) & RELEASE_FORMS == release
            ):
                yield code


def _is_same_form(strength: Strength, drug: Drug) -> bool:
    """Capsule for capsule; "unit" where the order does not say which."""
    return drug.strength is not None and drug.strength.per in (strength.per, "unit")


def _is_of_brand(code: Code, drug: Drug) -> bool:
    return code.display.lower().endswith(f"[{drug.brand}]".lower()) if drug.brand else not code.display.endswith("]")
