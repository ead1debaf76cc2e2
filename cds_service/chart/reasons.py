"""Why was it ordered? Reasons stated on an order, as codes, as words, or by reference to a Condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from typing import Any

from cards.concepts import ValueSets
from cards.facts import Diagnosis
from cds_service.chart.diagnoses import read_diagnosis, read_reason
from cds_service.fhir.coding import as_dict, as_list
from cds_service.fhir.reference import Resolve, target

_MOST = 25  # reasons of one order that are read

_UNREAD = Diagnosis(display="a reason that could not be read", is_stated_reason=True, is_unread=True)


def stated_reasons(
    resource: Mapping[str, Any], value_sets: ValueSets, zone: tzinfo, resolve: Resolve
) -> tuple[Diagnosis, ...]:
    """Diagnoses stated as the reason of an order.

    A reference that leads nowhere is still a stated reason: an order with nothing else is not taken for one without.
    """
    if "reasonCode" not in resource and "reasonReference" not in resource and "reason" not in resource:
        return ()
    concepts, references = _stated(resource)
    reasons = [reason for concept in concepts if (reason := read_reason(concept, value_sets)) is not None]
    are_read = True
    for reference in references:
        named = reference.get("reference")
        found = target(resource, named, resolve) if isinstance(named, str) and named else None
        if found is not None:
            reasons += _referred(found, value_sets, zone)
        elif (reason := read_reason({"text": reference.get("display")}, value_sets)) is not None:
            reasons.append(reason)
        else:
            are_read = False
    return tuple(reasons) if reasons or are_read else (_UNREAD,)


def _stated(resource: Mapping[str, Any]) -> tuple[list[Any], list[dict[str, Any]]]:
    """(concepts, references): R4 has an element for each, R5 has both in one."""
    concepts = as_list(resource.get("reasonCode"))[:_MOST]
    references = as_list(resource.get("reasonReference"))[:_MOST]
    for reason in as_list(resource.get("reason"))[:_MOST]:
        referred = reason.get("reference") if isinstance(reason, dict) else None
        if referred is None:
            concepts.append(reason)
        else:
            concepts.append(reason.get("concept"))
            references.append(referred if isinstance(referred, dict) else reason)
    return concepts, [as_dict(reference) for reference in references if as_dict(reference)]


def _referred(found: dict[str, Any], value_sets: ValueSets, zone: tzinfo) -> Iterator[Diagnosis]:
    if found.get("resourceType") == "Condition":
        # No day is at hand: a Condition with an end counts as over, also when the end is to come.
        diagnosis = read_diagnosis(found, value_sets=value_sets, as_of=date.max, zone=zone)
    else:  # an Observation, by what it is of
        diagnosis = read_reason(found.get("code"), value_sets)
    if diagnosis is not None:
        yield diagnosis._replace(is_stated_reason=True)
