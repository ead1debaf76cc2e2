"""Numbers that the book leaves to a site: set, bounded, in force for its calls only, and named on the card."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cards.orders import Hook
from cds_service.config import SiteConfig
from cds_service.errors import InvalidConfiguration
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers
from cds_service.hooks.request import parse_request
from cds_service.review import Reviewer
from cds_service.rule_base import load_rule_base
from tests.situations.asking import instant
from tests.situations.reading import Situation, book_patients, patient_of
from tests.situations.request import hook_request
from tests.whole_requests import NOON

OLD_CREATININE = {"like": "A", "serum_creatinine": "1.0 mg/dL, 100 days ago"}
SUBTHERAPEUTIC = {
    **OLD_CREATININE,
    "medications": ["pregabalin 75 mg twice daily, 60 days ago"],
}


def cards(site: SiteConfig, patient: dict[str, Any], order: str) -> dict[str, dict[str, Any]]:
    """The cards that this site's service shows on signing, by topic."""
    rules = load_rule_base(site)
    reviewer = Reviewer(rules, site, FhirServers(site.limits), AddressPolicy())
    situation = Situation(NOON.date(), patient_of(patient), (order,))
    body = orjson.dumps(hook_request(situation, Hook.ORDER_SIGN))
    request = parse_request(body, at_most_entries=500)
    answer = reviewer.review(request, rules.catalogue, instant(situation.as_of)).answer
    return {card["source"]["topic"]["code"]: card for card in answer["cards"]}


def site(**thresholds: dict[str, float]) -> SiteConfig:
    """A site that sets these numbers; underscores of a rule's name are written as hyphens."""
    return SiteConfig.model_validate({"thresholds": thresholds})


def test_a_number_of_a_shared_table_holds_for_every_card_and_is_named_on_it() -> None:
    assert "E11.42" in book_patients()["A"]["conditions"]
    assert "pregabalinDoseSubtherapeutic" in cards(SiteConfig(), SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")
    shorter = site(renal_function={"fresh_at_risk": 90})
    shown = cards(shorter, SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")
    assert "pregabalinDoseSubtherapeutic" not in shown, "a creatinine of 100 days is old at this site"
    longer = site(renal_function={"fresh_at_risk": 120})
    said = cards(longer, SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")["pregabalinDoseSubtherapeutic"]
    assert "Site setting: fresh at risk 120 days (book: 180)" in said["detail"].replace("\\", "")


def test_every_card_that_rests_on_a_shared_fact_names_the_setting() -> None:
    longer = site(renal_function={"fresh_at_risk": 120})
    shown = cards(longer, OLD_CREATININE, "pregabalin 700 mg once daily")
    assert "Site setting" in shown["pregabalinDoseExceedsRenalMax"]["detail"]


def test_a_number_of_a_card_holds_for_that_card() -> None:
    later = SiteConfig.model_validate({"thresholds": {"gabapentin-dose-subtherapeutic": {"titration_window": 70}}})
    patient = {"like": "A", "medications": ["gabapentin 100 mg three times daily, 60 days ago"]}
    order = "gabapentin 100 mg three times daily"
    assert "gabapentinDoseSubtherapeutic" in cards(SiteConfig(), patient, order)
    assert "gabapentinDoseSubtherapeutic" not in cards(later, patient, order)


def test_a_card_that_rests_on_no_number_of_the_site_says_nothing_of_it() -> None:
    unrelated = site(hepatitis_b={"fresh": 100})
    said = cards(unrelated, SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")["pregabalinDoseSubtherapeutic"]
    assert "Site setting" not in said["detail"]


def test_another_site_in_the_same_process_is_not_touched() -> None:
    before = cards(SiteConfig(), SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")
    cards(site(renal_function={"fresh_at_risk": 90}), SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")
    after = cards(SiteConfig(), SUBTHERAPEUTIC, "pregabalin 75 mg twice daily")
    assert [*before] == [*after]
    assert all("Site setting" not in card["detail"] for card in after.values())


@pytest.mark.parametrize(
    ("thresholds", "says"),
    [
        ({"renal_functions": {"fresh_at_risk": 90}}, "thresholds.renal_functions: no rule of this name"),
        ({"renal_function": {"fresh": 90}}, "thresholds.renal_function.fresh: not for a site to set"),
        (
            {"renal_function": {"fresh_at_risk": 3000}},
            "thresholds.renal_function.fresh_at_risk: write a number from 30 to",
        ),
        ({"renal_function": {"near_edge": 5}}, "thresholds.renal_function.near_edge: not for a site to set"),
        (
            {"pregabalin-dose-exceeds-renal-max": {"maximum": 900}},
            "thresholds.pregabalin-dose-exceeds-renal-max.maximum: not for a site to set; here it may set: none",
        ),
    ],
)
def test_a_number_that_is_not_for_the_site_to_set_so_stops_the_start(
    thresholds: dict[str, dict[str, float]], says: str
) -> None:
    with pytest.raises(InvalidConfiguration) as stopped:
        load_rule_base(SiteConfig.model_validate({"thresholds": thresholds}))
    assert str(stopped.value).startswith(says)
