"""A patient as cases describe one → the FHIR resources of each data request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cards.catalogue import load_data_requests
from cds_service.fhir.quantity import UCUM
from tests.situations.codes import codeable, concept_as_codeable, value_sets
from tests.situations.days import fhir_day
from tests.situations.measured import results
from tests.situations.orders import drug, on_record, split_day

Resource = dict[str, Any]

ALIASES = {"weight": "body_weight", "height": "body_height", "creatinine": "serum_creatinine"}
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES = {
    "inpatient": "IMP",
    "outpatient": "AMB",
    "emergency": "EMER",
    "hospice": "AMB",
    "palliative": "IMP",
    "surgery": "IMP",
}
_SEVERITIES = {"mild": "Mild", "moderate": "Moderate", "severe": "Severe", "life threatening": "Life threatening"}
_PERSON = frozenset({"age", "born", "sex", "deceased"})


@dataclass
class Chart:
    """Resources by data request. `unknown` could not be had; of `incomplete` only a first page came."""

    resources: dict[str, list[Resource]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)


def build_chart(patient: Mapping[str, Any], *, patient_id: str, as_of: date) -> Chart:
    """The chart of a patient mapping. Raises ValueError naming the key that is not understood."""
    return _Builder(patient_id, as_of).build(patient)


class _Builder:
    def __init__(self, patient_id: str, as_of: date) -> None:
        self.patient_id, self.as_of = patient_id, as_of
        self.chart = Chart()
        self.counts: dict[str, int] = {}
        self.requests = load_data_requests()
        self.lists: dict[str, tuple[str, Callable[[Any], Resource]]] = {
            "conditions": ("conditions", self._condition),
            "medications": ("medication_orders", self._order),
            "administrations": ("medication_administrations", self._administration),
            "dispenses": ("medication_dispenses", self._dispense),
            "procedures": ("procedures", self._procedure),
            "service_requests": ("service_requests", self._service),
            "allergies": ("allergies", self._allergy),
        }

    def build(self, patient: Mapping[str, Any]) -> Chart:
        self.chart.resources = {name: [] for name in self.requests}
        for key, said in patient.items():
            self._read(ALIASES.get(key, key), said)
        if "patient" not in self.chart.unknown:
            self.chart.resources["patient"] = [self._person(patient)]
        return self.chart

    def _read(self, key: str, said: Any) -> None:
        if said in ("unknown", "incomplete") and key in (*self.requests, *self.lists):
            need = self.lists[key][0] if key in self.lists else key
            (self.chart.unknown if said == "unknown" else self.chart.incomplete).add(need)
        elif key in ("unknown", "incomplete"):
            getattr(self.chart, key).update(self._names(said))
        elif key in self.lists:
            need, write = self.lists[key]
            for one in said:
                self._add(need, write(one))
        elif key == "encounter":
            self._add("encounter", self._encounter(said))
        elif key in value_sets():
            for result in results(key, said, as_of=self.as_of):
                self._add(self._request_of(key), {**result, "subject": self._subject()})
        elif key not in _PERSON:
            raise ValueError(
                f"a patient has no '{key}': neither a data request, nor a value set, nor {sorted(self.lists)}"
            )

    def _names(self, said: Any) -> Iterable[str]:
        for name in [said] if isinstance(said, str) else said:
            if name not in self.requests:
                raise ValueError(f"no data request '{name}' in data_requests.yaml")
            yield name

    def _request_of(self, concept: str) -> str:
        for name, request in self.requests.items():
            if concept in request.concepts:
                return name
        raise ValueError(f"no data request of data_requests.yaml asks for '{concept}'")

    def _add(self, need: str, resource: Resource) -> None:
        kind = resource["resourceType"]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        resource.setdefault("id", f"{kind.lower()}-{self.counts[kind]}")
        self.chart.resources[need].append(resource)

    def _subject(self) -> Resource:
        return {"reference": f"Patient/{self.patient_id}"}

    # -- one resource each --------------------------------------------------------------------------------------------

    def _person(self, patient: Mapping[str, Any]) -> Resource:
        person: Resource = {"resourceType": "Patient", "id": self.patient_id, "active": True}
        if "sex" in patient:
            person["gender"] = patient["sex"]
        if patient.get("deceased"):
            person["deceasedBoolean"] = True
        born = patient.get("born")
        if born is None and "age" in patient:
            start = self.as_of - timedelta(days=100)  # the birthday of this year lies behind
            born = start.replace(year=start.year - int(patient["age"]))
        if born is not None and born != "missing":
            person["birthDate"] = str(born)
        return person

    def _encounter(self, said: str) -> Resource:
        encounter: Resource = {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"system": _ACT_CODE, "code": _CLASSES[said]},
            "subject": self._subject(),
        }
        if said == "hospice":
            encounter["type"] = [concept_as_codeable("hospice", "snomed")]
        if said == "surgery":
            encounter["serviceType"] = {"text": "General surgery"}
        if said == "palliative":
            encounter["type"] = [concept_as_codeable("palliative_care", "snomed")]
        return encounter

    def _condition(self, said: Any) -> Resource:
        if isinstance(said, str):
            code, onset = split_day(said)
            said = {"code": code} | ({"onset": onset} if onset else {})
        _check(
            "condition", said, "code text system display verification status onset onset_age recorded severity abated"
        )
        base = "http://terminology.hl7.org/CodeSystem/condition-"
        condition: Resource = {
            "resourceType": "Condition",
            "category": [{"coding": [{"system": f"{base}category", "code": "problem-list-item"}]}],
            "code": codeable(
                str(said.get("code", said.get("text"))),
                system=said.get("system"), text=said.get("text"), display=said.get("display"),
            ),
            "subject": self._subject(),
        }  # fmt: skip
        for element, system, word in (
            ("clinicalStatus", "clinical", said.get("status", "active")),
            ("verificationStatus", "ver-status", said.get("verification", "confirmed")),
        ):
            if word not in ("missing", None):
                condition[element] = {"coding": [{"system": base + system, "code": word}]}
        for element, key in (("onsetDateTime", "onset"), ("recordedDate", "recorded"), ("abatementDateTime", "abated")):
            if day := fhir_day(said.get(key), self.as_of):
                condition[element] = day
        if "onset_age" in said:
            condition["onsetAge"] = {"value": said["onset_age"], "unit": "years", "system": UCUM, "code": "a"}
        if "severity" in said:
            condition["severity"] = _severity(said["severity"])
        return condition

    def _order(self, said: Any) -> Resource:
        number = self.counts.get("MedicationRequest", 0) + 1
        return on_record(said, number=number, patient_id=self.patient_id, as_of=self.as_of)

    def _administration(self, said: Any) -> Resource:
        if isinstance(said, str):
            name, day = split_day(said)
            said = {"drug": name, "on": day}
        _check("administration", said, "drug on until status by_name")
        administration: Resource = {
            "resourceType": "MedicationAdministration",
            "status": said.get("status", "completed"),
            "medicationCodeableConcept": drug(said["drug"], by_name=bool(said.get("by_name"))),
            "subject": self._subject(),
        }
        start, end = fhir_day(said.get("on"), self.as_of), fhir_day(said.get("until"), self.as_of)
        if end is not None:
            administration["effectivePeriod"] = {"start": start, "end": end}
        elif start is not None:
            administration["effectiveDateTime"] = start
        return administration

    def _dispense(self, said: Any) -> Resource:
        if isinstance(said, str):
            name, day = split_day(said)
            said = {"drug": name, "on": day}
        _check("dispense", said, "drug on status by_name")
        dispense: Resource = {
            "resourceType": "MedicationDispense",
            "status": said.get("status", "completed"),
            "medicationCodeableConcept": drug(said["drug"], by_name=bool(said.get("by_name"))),
            "subject": self._subject(),
        }
        if day := fhir_day(said.get("on"), self.as_of):
            dispense["whenHandedOver"] = day
        return dispense

    def _procedure(self, said: Any) -> Resource:
        if isinstance(said, str):
            name, day = split_day(said)
            said = {"procedure": name, "on": day}
        _check("procedure", said, "procedure on status code system text")
        procedure: Resource = {
            "resourceType": "Procedure",
            "status": said.get("status", "completed"),
            "code": _act(said, "procedure"),
            "subject": self._subject(),
        }
        if day := fhir_day(said.get("on"), self.as_of):
            procedure["performedDateTime"] = day
        return procedure

    def _service(self, said: Any) -> Resource:
        return service_request(said, patient_id=self.patient_id, as_of=self.as_of, status="active")

    def _allergy(self, said: Any) -> Resource:
        if isinstance(said, str):
            said = {"allergy": said}
        _check("allergy", said, "allergy criticality reaction status verification on code system text")
        base = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"
        allergy: Resource = {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": base + "clinical", "code": said.get("status", "active")}]},
            "verificationStatus": {
                "coding": [{"system": base + "verification", "code": said.get("verification", "confirmed")}]
            },
            "code": _act(said, "allergy"),
            "patient": self._subject(),
        }
        if "criticality" in said:
            allergy["criticality"] = said["criticality"]
        if "reaction" in said:
            allergy["reaction"] = [{"manifestation": [codeable(str(said["reaction"]))]}]
        if day := fhir_day(said.get("on"), self.as_of):
            allergy["recordedDate"] = day
        return allergy


def service_request(said: Any, *, patient_id: str, as_of: date, status: str, id: str = "") -> Resource:
    """A test, procedure or referral, on record or in the basket: "hbsag", "plasma_exchange, in 3 days", a mapping."""
    if isinstance(said, str):
        name, day = split_day(said)
        said = {"service": name, "on": day}
    _check("service request", said, "service on planned status intent code system text reason selected")
    service: Resource = {
        "resourceType": "ServiceRequest",
        "status": said.get("status", status),
        "intent": said.get("intent", "order"),
        "code": _act(said, "service"),
        "subject": {"reference": f"Patient/{patient_id}"},
    }
    if id:
        service["id"] = id
    day = fhir_day(said.get("on"), as_of)
    planned = fhir_day(said.get("planned"), as_of)
    if day is not None and day > as_of.isoformat():
        day, planned = None, planned or day  # "in 3 days" is when it is planned
    if day is not None or status == "draft":
        service["authoredOn"] = day or as_of.isoformat()
    if planned is not None:
        service["occurrenceDateTime"] = planned
    if "reason" in said:
        service["reasonCode"] = [codeable(str(said["reason"]))]
    return service


def _act(said: Mapping[str, Any], key: str) -> Resource:
    """What is done, ordered or reacted to: a concept of the value sets, a code of a system, or words."""
    if "code" in said:
        return codeable(str(said["code"]), system=said.get("system"), text=said.get("text"))
    if "text" in said:
        return {"text": said["text"]}
    name = str(said[key])
    if name not in value_sets() and name.removeprefix("referral_") in value_sets():
        name = name.removeprefix("referral_")
    if name in value_sets():
        return concept_as_codeable(name, "rxnorm", "loinc", "snomed", "icd-10-pcs", "hcpcs")
    return {"text": name.replace("_", " ")}


def _severity(said: object) -> Resource:
    codes = value_sets().concept("severity").codes["snomed"]
    for code in codes:
        if code.display.startswith(_SEVERITIES[str(said)]):
            return {"coding": [{"system": code.system, "code": code.code, "display": code.display}]}
    raise ValueError(f"no severity '{said}'; write {', '.join(_SEVERITIES)}")


def _check(what: str, said: Mapping[str, Any], keys: str) -> None:
    unknown = sorted(set(said) - set(keys.split()))
    if unknown:
        raise ValueError(f"a {what} knows no '{unknown[0]}'; it knows {keys}")
