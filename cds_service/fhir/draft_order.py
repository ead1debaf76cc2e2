"""A copy of a draft order with one named change (doses: `draft_dosage.py`); all else stays as the sender wrote it.

The draft keeps its shape: R4 `medicationCodeableConcept` or R5 `medication`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from cds_service.fhir.coding import as_dict, as_list

Resource = dict[str, Any]


class ProductChange(NamedTuple):
    """The product to name instead."""

    system: str
    code: str
    display: str

    @property
    def concept(self) -> Resource:
        """As a CodeableConcept."""
        return {"coding": [self._asdict()], "text": self.display}


def with_product(draft: Resource, product: Mapping[str, Any]) -> Resource:
    """The draft with another product (a CodeableConcept), dosage kept."""
    changed = dict(draft)
    if _is_r5(draft):
        _drop_contained(changed, draft["medication"].get("reference"))
        return changed | {"medication": {"concept": dict(product)}}
    _drop_contained(changed, changed.pop("medicationReference", None))
    changed.pop("medication", None)  # beside an R4 name: it would go on naming the old product
    return changed | {"medicationCodeableConcept": dict(product)}


def without_refills(draft: Resource) -> Resource:
    """The draft without repeats of its dispense."""
    dispense = {**as_dict(draft.get("dispenseRequest")), "numberOfRepeatsAllowed": 0}
    return {**draft, "dispenseRequest": dispense}


def with_occurrence(draft: Resource, day: date) -> Resource | None:
    """The draft planned for another day; None for one that is planned as a period or a series."""
    if "occurrencePeriod" in draft or "occurrenceTiming" in draft:
        return None
    return {**draft, "occurrenceDateTime": day.isoformat()}


def with_reason(draft: Resource, reason: Mapping[str, Any]) -> Resource:
    """The draft with one more stated reason (a CodeableConcept)."""
    if _is_r5(draft):
        return {**draft, "reason": [*as_list(draft.get("reason")), {"concept": dict(reason)}]}
    return {**draft, "reasonCode": [*as_list(draft.get("reasonCode")), dict(reason)]}


def with_note(draft: Resource, text: str) -> Resource:
    """The draft with one more note."""
    return {**draft, "note": [*as_list(draft.get("note")), {"text": text}]}


def _is_r5(draft: Mapping[str, Any]) -> bool:
    """Is the drug named as in R5, and in no other way?"""
    named_as_r4 = draft.get("medicationCodeableConcept") or draft.get("medicationReference")
    return not named_as_r4 and isinstance(draft.get("medication"), dict)


def _drop_contained(changed: Resource, reference: Any) -> None:
    """A contained Medication that nothing refers to any more would make the order invalid."""
    target = reference if isinstance(reference, str) else as_dict(reference).get("reference")
    if not isinstance(target, str) or not target.startswith("#"):
        return
    rest = [r for r in as_list(changed.get("contained")) if not (isinstance(r, dict) and r.get("id") == target[1:])]
    if rest:
        changed["contained"] = rest
    else:
        changed.pop("contained", None)
