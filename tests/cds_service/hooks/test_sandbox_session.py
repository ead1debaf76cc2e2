"""A whole session of the public CDS Hooks sandbox: what it sends while its screen is filled in, and what it does
with the cards.

`Sandbox` behaves as cds-hooks/sandbox does: it fires on every change, counts pills, has objects where FHIR has arrays,
knows one order only, forgets the reason at signing, and takes nothing of a suggestion but another product.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cds_service.ledger.books import Kept, request_of, until

Json = dict[str, Any]

RXNORM, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
KIDNEYS_AT_22_ML_MIN = "pregabalin_dose_exceeds_renal_max/more-than-twice-the-maximum-at-22-ml-min"
PREGABALIN_75 = ("483450", "pregabalin 75 MG Oral Capsule")
PREGABALIN_25 = ("483442", "pregabalin 25 MG Oral Capsule")
LISINOPRIL = ("314076", "lisinopril 10 MG Oral Tablet")
TOO_MUCH = "pregabalinDoseExceedsRenalMax"


class Sandbox:
    """Its Rx screen for a patient whose clearance is 22 mL/min; every method that changes something fires a hook."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        story = request_of(KIDNEYS_AT_22_ML_MIN)
        self._patient, self._prefetch = story["context"]["patientId"], story["prefetch"]
        self._reason: Json | None = None
        subject = {"reference": f"Patient/{self._patient}"}
        self._draft: Json = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"}
        self._draft |= {"subject": subject, "authoredOn": "2026-06-15"}

    def opens(self) -> list[Json]:
        """The screen opens: no medication, intent or dosage yet."""
        return self.fires()

    def chooses(self, product: tuple[str, str]) -> list[Json]:
        """A drug from the list."""
        code, text = product
        coding = [{"display": text, "system": RXNORM, "code": code}]
        self._draft["medicationCodeableConcept"] = {"text": text, "coding": coding}
        self._draft["intent"] = "order"
        self._draft["category"] = {"coding": [{"code": "community"}]}
        supply = {"value": 30, "unit": "days", "system": UCUM, "code": "d"}
        self._draft["dispenseRequest"] = {"expectedSupplyDuration": supply}
        return self.fires()

    def doses(self, pills: int, times_a_day: int) -> list[Json]:
        """The number and the frequency; the strength stays in the name of the product."""
        dose = {"doseQuantity": {"value": pills, "system": UCUM, "code": "{pill}"}}
        timing = {"repeat": {"frequency": times_a_day, "period": 1, "periodUnit": "d"}}
        self._draft["dosageInstruction"] = [{"timing": timing, "doseAndRate": [dose]}]
        return self.fires()

    def gives_a_reason(self) -> list[Json]:
        """Diabetic polyneuropathy."""
        coding = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.42"}
        self._reason = {"coding": [coding], "text": "Diabetic polyneuropathy"}
        return self.fires()

    def signs(self) -> list[Json]:
        """order-sign: the reason is not sent."""
        return self.fires("order-sign")

    def request(self, hook: str = "order-select") -> Json:
        """What it sends now. It has no `selections` at order-sign, and its Bundle has no type."""
        draft = self._draft | ({"reasonCode": self._reason} if self._reason and hook == "order-select" else {})
        context: Json = {"patientId": self._patient, "userId": "Practitioner/COREPRACTITIONER1"}
        context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
        if hook == "order-select":
            context["selections"] = ["MedicationRequest/request-123"]
        body: Json = {"hook": hook, "hookInstance": "5b0aa567-480f-4c64-97f7-085b48fa5221", "context": context}
        return body | {"fhirServer": "http://127.0.0.1:9/fhir", "prefetch": self._prefetch}

    def fires(self, hook: str = "order-select") -> list[Json]:
        """The cards of a call."""
        return self.sends(self.request(hook))

    def sends(self, body: Json) -> list[Json]:
        """The cards of this request."""
        answer = self._kept.client.post(f"/cds-services/neuropathy-{body['hook']}", json=body)
        assert answer.status_code == 200, answer.text
        cards: list[Json] = answer.get_json()["cards"]
        return cards

    def takes(self, card: Json, suggestion: Json) -> list[Json]:
        """Reports it as accepted, takes the product if there is one with text and code, and fires again."""
        self.reports(card, outcome="accepted", acceptedSuggestions=[{"id": suggestion["uuid"]}])
        for action in suggestion["actions"]:
            concept = action.get("resource", {}).get("medicationCodeableConcept", {})
            if concept.get("text") and concept.get("coding", [{}])[0].get("code"):
                return self.chooses((concept["coding"][0]["code"], concept["text"]))
        return self.fires()

    def reports(self, card: Json, **said: Any) -> None:
        """Feedback on a card, as it is sent for each alone."""
        entry = {"card": card["uuid"], "outcomeTimestamp": "2026-06-15T12:00:09.250Z", **said}
        assert self._kept.report(entry, hook="order-select") == 200


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """The service with a ledger."""
    kept = Kept(f"sqlite:///{tmp_path}/ledger.sqlite3", {}, {})
    until(lambda: kept.ledger.is_reachable)
    yield kept
    kept.ledger.close()


@pytest.fixture
def sandbox(kept: Kept) -> Sandbox:
    """Its screen, not open yet."""
    return Sandbox(kept)


def topics(cards: list[Json]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards]


def said(cards: list[Json]) -> set[tuple[str, str]]:
    """(topic, summary) of each card."""
    return {(card["source"]["topic"]["code"], card["summary"]) for card in cards}


def too_much(sandbox: Sandbox) -> Json:
    """The card on 300 mg a day where the label has at most 150."""
    sandbox.opens()
    sandbox.chooses(PREGABALIN_75)
    (card,) = [one for one in sandbox.doses(2, 2) if one["source"]["topic"]["code"] == TOO_MUCH]
    return card


def test_the_screen_opens_before_a_drug_is_chosen_and_nothing_is_said_nor_read(
    sandbox: Sandbox, kept: Kept, capsys: pytest.CaptureFixture[str]
):
    assert sandbox.opens() == []
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["event"] == "call"
    assert not {"opinions", "fhir_calls"} & set(line), "no rule is asked and nothing read, so it is quick"


def test_it_fires_at_every_change_and_the_cards_follow(sandbox: Sandbox):
    assert sandbox.opens() == []
    assert sandbox.chooses(LISINOPRIL) == []
    assert TOO_MUCH not in topics(sandbox.chooses(PREGABALIN_75)), "there is no dose yet"
    assert TOO_MUCH in topics(sandbox.doses(2, 2))
    assert TOO_MUCH not in topics(sandbox.doses(1, 1))
    assert sandbox.chooses(LISINOPRIL) == []


@pytest.mark.parametrize(("pills", "times", "mg"), [(2, 2, 300), (1, 3, 225), (4, 1, 300), (1, 4, 300)])
def test_the_dose_is_the_count_times_the_strength_in_the_name_times_the_frequency(
    sandbox: Sandbox, pills: int, times: int, mg: int
):
    sandbox.chooses(PREGABALIN_75)
    (card,) = [one for one in sandbox.doses(pills, times) if one["source"]["topic"]["code"] == TOO_MUCH]
    assert card["summary"].startswith(f"Pregabalin {mg} mg/day exceeds the 150 mg/day label maximum")


def test_the_reason_of_the_order_is_read_although_it_is_an_object(sandbox: Sandbox):
    sandbox.chooses(PREGABALIN_75)
    assert TOO_MUCH in topics(sandbox.doses(2, 2))
    assert TOO_MUCH in topics(sandbox.gives_a_reason())


def test_the_reason_that_is_dropped_at_signing_costs_no_card(sandbox: Sandbox):
    """What order-select said of the dose, order-sign says too; the diagnosis is on the problem list."""
    too_much(sandbox)
    chosen, signed = sandbox.gives_a_reason(), sandbox.signs()
    assert "reasonCode" in json.dumps(sandbox.request())
    assert "reasonCode" not in json.dumps(sandbox.request("order-sign"))
    assert {one for one in said(chosen) if one[0] == TOO_MUCH} <= said(signed)


def test_an_older_request_that_comes_late_is_answered_for_itself_alone(sandbox: Sandbox):
    """It never cancels: the answer to each request depends on that request, whatever was asked before or after."""
    sandbox.chooses(PREGABALIN_75)
    sandbox.doses(2, 2)
    older = sandbox.request()
    sandbox.doses(1, 1)
    newer = sandbox.request()
    first = [said(sandbox.sends(body)) for body in (older, newer)]
    late = [said(sandbox.sends(body)) for body in (newer, older)]
    assert late == first[::-1]
    assert first[0] != first[1]


def test_the_follow_up_call_after_a_suggestion_never_gets_the_same_card_back(sandbox: Sandbox):
    """The new product at the old count and frequency is 100 mg a day, which the label allows."""
    card = too_much(sandbox)
    (suggestion,) = card["suggestions"]
    cards = sandbox.takes(card, suggestion)
    assert TOO_MUCH not in topics(cards)
    assert TOO_MUCH not in topics(sandbox.signs())


def test_a_suggestion_of_which_it_takes_nothing_leaves_the_order_and_so_the_warning(sandbox: Sandbox):
    """The product stays and the sandbox does not read the new dose: the order is as it was, and to say so is safe."""
    card = too_much(sandbox)
    (next_card,) = sandbox.takes(card, card["suggestions"][0])
    order = sandbox.request()["context"]["draftOrders"]
    again = sandbox.takes(next_card, next_card["suggestions"][0])
    assert sandbox.request()["context"]["draftOrders"] == order
    assert said(again) == said([next_card])


def test_a_suggestion_names_the_product_in_text_and_code_for_that_is_all_it_takes(sandbox: Sandbox):
    (suggestion,) = [one for one in too_much(sandbox)["suggestions"] if one["actions"][0]["type"] == "update"][:1]
    concept = suggestion["actions"][0]["resource"]["medicationCodeableConcept"]
    assert (concept["coding"][0]["code"], concept["text"]) == PREGABALIN_25


@pytest.mark.parametrize(
    ("reason", "codes"),
    [
        ({}, []),
        ({"overrideReason": {"userComment": "agreed with the renal clinic"}}, []),
        ({"overrideReason": {"reason": {"code": "data-incorrect"}}}, ["data-incorrect"]),
    ],
    ids=["none", "a comment alone", "a code"],
)
def test_a_dismissal_is_in_the_ledger_with_its_reason_or_without(
    sandbox: Sandbox, kept: Kept, reason: Json, codes: list[str]
):
    card = too_much(sandbox)
    sandbox.reports(card, outcome="overridden", **reason)
    (row,) = kept.rows("feedback")
    assert (row["card"], row["outcome"], row["has_reason"]) == (card["uuid"], "overridden", bool(codes))
    assert [one["code"] for one in json.loads(row["reasons"])] == codes


def test_a_suggestion_that_is_taken_is_in_the_ledger_under_the_uuid_of_its_card(sandbox: Sandbox, kept: Kept):
    card = too_much(sandbox)
    suggestion = card["suggestions"][0]
    sandbox.takes(card, suggestion)
    (row,) = kept.rows("feedback")
    assert (row["card"], row["outcome"]) == (card["uuid"], "accepted")
    assert suggestion["uuid"] in row["accepted_suggestions"]


def test_a_dismissal_with_a_reason_keeps_the_card_away_until_the_order_changes(sandbox: Sandbox, kept: Kept):
    card = too_much(sandbox)
    sandbox.reports(card, outcome="overridden", overrideReason={"reason": {"code": "data-incorrect"}})
    kept.written()
    assert TOO_MUCH not in topics(sandbox.fires())
    assert TOO_MUCH in topics(sandbox.doses(3, 2))
