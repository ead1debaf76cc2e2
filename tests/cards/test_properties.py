"""What holds for any chart: relations between answers, over charts and orders that nobody wrote by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cards.catalogue import load_data_requests
from cards.consult import Considered
from cards.knowledge import Speaks
from cards.opinion import Advice, CannotTell
from cards.orders import Hook
from cds_service.errors import DataNotAvailable
from tests.burden.population import MEDICATIONS, PROBLEMS
from tests.burden.replay import usual_orders
from tests.situations.asking import review
from tests.situations.reading import Situation, patient_of
from tests.situations.request import hook_request
from tests.situations.rewording import REWORDINGS, reworded

AS_OF = date(2026, 6, 15)
OVERDOSE = ("pregabalin-dose-exceeds-renal-max", "gabapentin-dose-exceeds-renal-max")
SEROLOGY = ("rituximab-hbv-serology", "rituximab-hbv-positive-prophylaxis")
NOTHING = 0

days_ago = st.integers(0, 800).map(lambda days: f"{days} days ago")
any_order = st.sampled_from(sorted(usual_orders()))
hooks = st.sampled_from(list(Hook))


def problems() -> st.SearchStrategy[list[str]]:
    """Up to five problems of a general clinic or of ours."""
    codes = sorted({code for _, choices in PROBLEMS for code in choices})
    return st.lists(st.sampled_from(codes), max_size=5, unique=True)


def medications() -> st.SearchStrategy[list[str]]:
    """Up to three drugs, begun on some day."""
    drugs = sorted({order for _, choices in MEDICATIONS for order in choices})
    begun = st.tuples(st.sampled_from(drugs), days_ago).map(", ".join)
    return st.lists(begun, max_size=3)


def result(values: st.SearchStrategy[float], unit: str) -> st.SearchStrategy[str]:
    """A measured value of some day."""
    return st.tuples(values, days_ago).map(lambda drawn: f"{drawn[0]:.2f} {unit}, {drawn[1]}")


patients: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "age": st.integers(18, 95),
        "sex": st.sampled_from(["male", "female"]),
        "conditions": problems(),
        "medications": medications(),
    },
    optional={
        "serum_creatinine": result(st.floats(0.4, 6), "mg/dL"),
        "weight": result(st.floats(40, 160), "kg"),
        "height": result(st.floats(145, 200), "cm"),
        "hba1c": result(st.floats(5, 12), "%"),
        "encounter": st.sampled_from(["inpatient", "outpatient"]),
    },
)

# Fewer, larger examples: one of them asks every card about an order.
over_charts = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def situation(patient: Mapping[str, Any], *orders: Any) -> Situation:
    """This patient with these drafts, as of one day."""
    return Situation(AS_OF, patient_of(dict(patient)), orders)


def considered(said: Situation, hook: Hook) -> tuple[Considered, ...]:
    """What every card makes of it; nothing where nothing could be had."""
    try:
        return review(hook_request(said, hook), said.as_of).considered
    except DataNotAvailable:
        return ()


def level(found: tuple[Considered, ...], rule: str) -> int:
    """How loud a rule is before any other card silences it; 0: it has nothing to say."""
    said = (one.opinion for one in found if one.card.rule == rule)
    return max((int(opinion.indicator) for opinion in said if isinstance(opinion, Advice)), default=NOTHING)


def row_level(found: tuple[Considered, ...], rule: str) -> int:
    """The level of the row itself: a clearance just below a band edge keeps a critical row at warning (book 1.4)."""
    said = (one.opinion for one in found if one.card.rule == rule)
    return max((int(opinion.row_level) for opinion in said if isinstance(opinion, Advice)), default=NOTHING)


def spoken(request: dict[str, Any]) -> list[tuple[str, str, str]] | str:
    """Topic, level and summary of each card."""
    try:
        cards = review(request, AS_OF).answer["cards"]
    except DataNotAvailable:
        return "nothing could be had"
    return [(card["source"]["topic"]["code"], card["indicator"], card["summary"]) for card in cards]


@over_charts
@given(patient=patients, order=any_order, hook=hooks)
@pytest.mark.parametrize("how", REWORDINGS)
def test_the_words_of_a_sender_change_nothing(how: str, patient: dict[str, Any], order: str, hook: Hook) -> None:
    """Not the order of resources, nor their ids, nor the units, nor unrelated records."""
    request = hook_request(situation(patient, order), hook)
    assert spoken(reworded(request, how)) == spoken(request)


@over_charts
@given(
    patient=patients,
    drug=st.sampled_from(["pregabalin", "gabapentin"]),
    mg=st.integers(1, 1500),
    creatinine=st.floats(0.4, 8),
    more=st.floats(1, 2.4),  # at most 19.2 mg/dL: above 20 no creatinine is believed
)
def test_a_higher_creatinine_never_makes_an_overdose_card_weaker(
    patient: dict[str, Any], drug: str, mg: int, creatinine: float, more: float
) -> None:
    order = f"{drug} {mg} mg three times daily"
    better, worse = (
        considered(
            situation({**patient, "serum_creatinine": f"{value:.3f} mg/dL, 10 days ago"}, order), Hook.ORDER_SIGN
        )
        for value in (creatinine, creatinine * more)
    )
    for rule in OVERDOSE:
        assert row_level(worse, rule) >= row_level(better, rule)


@over_charts
@given(
    patient=patients,
    drug=st.sampled_from(["pregabalin", "gabapentin"]),
    mg=st.integers(1, 1500),
    more=st.integers(1, 1500),
)
def test_a_higher_dose_never_turns_an_overdose_card_off(patient: dict[str, Any], drug: str, mg: int, more: int) -> None:
    lower, higher = (
        considered(situation(patient, f"{drug} {dose} mg twice daily"), Hook.ORDER_SIGN) for dose in (mg, mg + more)
    )
    for rule in OVERDOSE:
        assert level(higher, rule) >= level(lower, rule)


@over_charts
@given(
    patient=patients,
    hook=hooks,
    order=st.sampled_from(["rituximab 1000 mg IV once", "rituximab 700 mg IV weekly for 4 doses"]),
)
def test_a_fresh_negative_serology_never_adds_a_card(patient: dict[str, Any], hook: Hook, order: str) -> None:
    screened = {"hbsag": "negative, 20 days ago", "anti_hbc_total": "negative, 20 days ago"}
    before = considered(situation(patient, order), hook)
    after = considered(situation({**patient, **screened}, order), hook)
    for rule in SEROLOGY:
        assert level(after, rule) <= level(before, rule)
    assert {one.card.rule for one in after if one.is_shown} <= {one.card.rule for one in before if one.is_shown}


@over_charts
@given(patient=patients, order=any_order, hook=hooks, need=st.sampled_from(sorted(load_data_requests())))
def test_what_could_not_be_had_is_never_read_as_all_is_well(
    patient: dict[str, Any], order: str, hook: Hook, need: str
) -> None:
    """A rule that speaks with the data speaks without them too, or says that it cannot tell."""
    known = considered(situation(patient, order), hook)
    missing = considered(situation({**patient, need: "unknown"}, order), hook)
    assume(missing)
    for one in known:
        if not isinstance(one.opinion, Advice) or need not in one.card.knowledge.needs:
            continue
        [without] = [other for other in missing if other.card is one.card and other.order.ids == one.order.ids]
        assert isinstance(without.opinion, Advice | CannotTell), (one.card.rule, need, without.opinion)


@over_charts
@given(patient=patients, order=any_order)
def test_no_dose_card_speaks_before_there_is_a_dose(patient: dict[str, Any], order: str) -> None:
    drug = order.split()[0]
    found = considered(situation(patient, {"drug": drug}), Hook.ORDER_SELECT)
    about_dose = [one for one in found if one.card.knowledge.hooks[Hook.ORDER_SELECT] is Speaks.COMPLETE_DOSAGE]
    assert not any(one.is_shown for one in about_dose)


@over_charts
@given(patient=patients, order=any_order, hook=hooks)
def test_no_rule_fails_and_at_most_so_many_cards_are_shown(patient: dict[str, Any], order: str, hook: Hook) -> None:
    found = considered(situation(patient, order), hook)
    assert not [one.card.rule for one in found if isinstance(one.opinion, CannotTell) and one.opinion.failed]
    infos = [one for one in found if one.is_shown and level((one,), one.card.rule) == 1]
    assert len(infos) <= 2
