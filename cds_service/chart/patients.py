"""Who the patient is and where: Patient and Encounter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from cards.concepts import ValueSets
from cards.facts import Encounter, Patient, Sex
from cds_service.chart.certainty import heard
from cds_service.fhir.coding import as_dict, as_list, codings, text_of
from cds_service.fhir.date import day_of
from cds_service.fhir.status import Standing, standing, status_word

_SEX_PARAMETERS = (
    "http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse",
    "http://open.epic.com/FHIR/StructureDefinition/extension/sex-for-clinical-use",
)
_PARAMETERS = {"female-typical": Sex.FEMALE, "female": Sex.FEMALE, "male-typical": Sex.MALE, "male": Sex.MALE}
_GENDERS = {"female": Sex.FEMALE, "male": Sex.MALE}
_INPATIENT = ("IMP", "ACUTE", "NONACUTE", "INPATIENT")  # the last is DSTU2's, and the name beside codes of HL7 v2
_HOSPICE, _PALLIATIVE, _SURGICAL = "hospice", "palliative_care", "surgical_encounter"
_PAST = ("finished", "completed", "discharged")

Resource = dict[str, Any]


def read_patient(patient: Resource, *, zone: tzinfo) -> Patient:
    """Demographics. Sex is the parameter for clinical use where there is one, else the administrative gender."""
    return Patient(
        birth_date=day_of(patient.get("birthDate"), zone),
        sex=_sex(patient),
        is_deceased=patient.get("deceasedBoolean") is True or bool(patient.get("deceasedDateTime")),
    )


def _sex(patient: Resource) -> Sex | None:
    parameters = [
        _parameter(entry)
        for entry in as_list(patient.get("extension"))
        if isinstance(entry, dict) and entry.get("url") in _SEX_PARAMETERS
    ]
    stated = {_PARAMETERS.get(code) for code in parameters if code}
    if stated:  # "specified", or two that differ: neither, so that both estimates are made
        return stated.pop() if len(stated) == 1 else None
    gender = patient.get("gender")
    return _GENDERS.get(gender.lower()) if isinstance(gender, str) else None


def _parameter(extension: Resource) -> str:
    """The code of the parameter, one that is known if there is any; HL7's stands in an extension of the extension."""
    values = (extension, *as_list(extension.get("extension")))
    found = [one.code.lower() for value in values for one in codings(as_dict(value).get("valueCodeableConcept"))]
    return next((code for code in found if code in _PARAMETERS), next(iter(found), ""))


def read_encounters(encounters: Iterable[Resource], *, value_sets: ValueSets) -> tuple[Encounter, ...]:
    """The encounters at hand as one: the first that counts is the hook's; hospice in any current one is hospice."""
    held = [one for one in encounters if standing(one) in (Standing.COUNTS, Standing.UNSTATED)]
    if not held:
        return ()
    current = [one for one in held if status_word(one.get("status")) not in _PAST]
    return (
        Encounter(
            is_inpatient=any(
                word.upper() in _INPATIENT
                for coding in codings(_classes(held[0]))
                for word in (coding.code, coding.display)
            ),
            is_hospice=any(_is_of(_HOSPICE, one, value_sets) for one in current),
            is_palliative=any(_is_palliative(one, value_sets) for one in current),
            is_surgical=_is_of(_SURGICAL, held[0], value_sets),
        ),
    )


def _classes(encounter: Resource) -> list[Any]:
    """The class: a Coding in R4, a list of concepts in R5, a bare code in DSTU2."""
    classes = [{"code": one} if isinstance(one, str) else one for one in as_list(encounter.get("class"))]
    return [one if isinstance(one, dict) and ("coding" in one or "text" in one) else {"coding": one} for one in classes]


def _is_palliative(encounter: Resource, value_sets: ValueSets) -> bool:
    """By a code of what it is, or of its reason: Z51.5 is "encounter for palliative care"."""
    return _is_of(_PALLIATIVE, encounter, value_sets) or any(
        _PALLIATIVE in value_sets.coded(coding.system, coding.code)
        for reason in as_list(encounter.get("reasonCode"))
        for coding in codings(reason)
    )


def _is_of(kind: str, encounter: Resource, value_sets: ValueSets) -> bool:
    for concept in (*_classes(encounter), *as_list(encounter.get("type")), *as_list(encounter.get("serviceType"))):
        texts = (text_of(concept), *(coding.display for coding in codings(concept)))
        if any(kind in value_sets.named(heard(text).text, ("enc",)) for text in texts if text):
            return True
        if any(kind in value_sets.coded(coding.system, coding.code) for coding in codings(concept)):
            return True
    return False
