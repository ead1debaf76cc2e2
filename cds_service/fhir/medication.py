"""Which product does an order, an administration or a dispense name?

A CodeableConcept, a contained Medication, one elsewhere in the message or on the server, R5 `medication`. Elements
whose names begin with an underscore are private (`_resolvedMedication`) or extensions of primitives: never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cds_service.fhir.coding import LONGEST_WORDS, Coding, as_dict, as_list, codings, codings_and_text, text_of
from cds_service.fhir.quantity import Quantity, read_quantity
from cds_service.fhir.reference import Resolve, contained, target

_MOST_INGREDIENTS = 100  # that are looked at
_NAMES = ("medicationCodeableConcept", "medicationReference", "medication")
_REFERENCE = re.compile(r"#|urn:|(?:\S+/)?Medication/\S").match


class Ingredient(NamedTuple):
    """One active ingredient and its amount (`amount` in `per`; None: not stated)."""

    codings: tuple[Coding, ...]
    text: str
    amount: Quantity | None
    per: Quantity | None


class Product(NamedTuple):
    """What a resource names as its drug. `texts` are the sender's words, the best first."""

    codings: tuple[Coding, ...] = ()
    texts: tuple[str, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    form: str = ""


def medication_of(resource: Mapping[str, Any], resolve: Resolve) -> Product:
    """The product that a MedicationRequest, MedicationAdministration, Dispense or Statement names."""
    if "medicationCodeableConcept" in resource and "medicationReference" not in resource:  # nearly always
        found, text = codings_and_text(resource["medicationCodeableConcept"])
        return Product(found, tuple(dict.fromkeys(filter(None, (text, *[coding.display for coding in found])))))
    concept, reference = _named_by(resource)
    found = codings(concept)
    display = _display(resource)
    medication = target(resource, reference, resolve) if reference else None
    if medication is None:
        return Product(found, _texts((concept,), found, display))
    code = medication.get("code")
    found += codings(code)
    return Product(
        found,
        _texts((concept, code), found, display),
        tuple(_ingredients(medication, resource)),
        text_of(medication.get("form") or medication.get("doseForm")),
    )


def names_a_drug(resource: Mapping[str, Any]) -> bool:
    """Is there anything where a resource names its drug, readable or not?"""
    return any(resource.get(name) is not None for name in _NAMES)


def referred_medication(resource: Mapping[str, Any]) -> str:
    """The reference by which a resource names its Medication outside itself; empty when it needs none."""
    reference = _named_by(resource)[1]
    return "" if reference.startswith("#") else reference


def _named_by(resource: Mapping[str, Any]) -> tuple[Any, str]:
    """(CodeableConcept or None, reference or '') by which a resource names its drug."""
    concept, reference = resource.get("medicationCodeableConcept"), resource.get("medicationReference")
    if concept is None and reference is None:
        concept, reference = _named_as_r5(resource.get("medication"))
    found = reference if isinstance(reference, str) else as_dict(reference).get("reference")
    return concept, found.strip() if isinstance(found, str) else ""


def _named_as_r5(value: Any) -> tuple[Any, Any]:
    """Concept and reference of a CodeableReference; some write one of them itself there, or a bare text."""
    if isinstance(value, str):
        return (None, value) if _REFERENCE(value.strip()) else (value, None)
    both = as_dict(value)
    is_concept = "coding" in both or "text" in both
    return both.get("concept", both if is_concept else None), both.get("reference")


def _display(resource: Mapping[str, Any]) -> str:
    reference = as_dict(resource.get("medicationReference"))
    if not reference:
        both = as_dict(resource.get("medication"))
        reference = as_dict(both.get("reference")) or both
    display = reference.get("display")
    return display[:LONGEST_WORDS] if isinstance(display, str) else ""


def _texts(concepts: Iterable[Any], found: Iterable[Coding], display: str = "") -> tuple[str, ...]:
    """The words of concepts, of their codings, and of the reference to them, each once."""
    words = [text_of(concept) for concept in concepts if concept]
    words += [coding.display for coding in found]
    words.append(display)
    return tuple(dict.fromkeys(filter(None, words)))


def _ingredients(medication: Mapping[str, Any], container: Mapping[str, Any]) -> Iterable[Ingredient]:
    for entry in as_list(medication.get("ingredient"))[:_MOST_INGREDIENTS]:
        if not isinstance(entry, dict) or entry.get("isActive") is False:  # excipients are listed too
            continue
        item = entry.get("itemCodeableConcept", entry.get("item"))  # R4, R5
        reference = as_dict(entry.get("itemReference") or as_dict(entry.get("item")).get("reference")).get("reference")
        if isinstance(reference, str) and reference.startswith("#"):
            inner = contained(medication, reference) or contained(container, reference)
            item = as_dict(inner).get("code", item)
        strength = as_dict(entry.get("strength") or entry.get("strengthRatio") or entry.get("amount"))  # R4, R5, STU3
        amount = read_quantity(strength.get("numerator") or entry.get("strengthQuantity"))
        yield Ingredient(codings(item), text_of(item), amount, read_quantity(strength.get("denominator")))
