"""How opinions become what is shown: silence for all rules, hook policy, suppression, order and cap."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from cards.catalogue import Advise, Card, Catalogue
from cards.consult import Considered, Manners, consult, questions
from cards.errors import NotKnown, UndeclaredNeed
from cards.facts import DataRequest, Diagnosis, Encounter, Facts, Patient, State, Supplied
from cards.knowledge import Knowledge
from cards.opinion import (
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    RemoveOrder,
    Suggestion,
)
from cards.orders import (
    Amount,
    DoseLine,
    Drug,
    Hook,
    MedicationOrder,
    Ordered,
    OrderedDrug,
    OrderedService,
    ServiceOrder,
    Timing,
    group_by_service,
)

AS_OF = date(2026, 6, 15)
ADULT = Patient(birth_date=date(1966, 3, 1))
REQUESTS = {
    "patient": DataRequest("patient", "patient"),
    "encounter": DataRequest("encounter", "encounter"),
    "conditions": DataRequest("conditions", "diagnosis"),
}
INFO, WARNING, CRITICAL = Indicator.INFO, Indicator.WARNING, Indicator.CRITICAL


def advice(level: Indicator = WARNING, **details: Any) -> Advice:
    """Advice of this level."""
    return Advice("Summary", level, Explanation("", (), "", "", ""), "book", row="1", **details)


def card(rule: str, opinion: Opinion | Exception, **knowledge: Any) -> Card:
    """A card that always gives this opinion."""
    return asking(rule, lambda *_: _give(opinion), **knowledge)


def _give(opinion: Opinion | Exception) -> Opinion:
    if isinstance(opinion, Exception):
        raise opinion
    return opinion


def asking(rule: str, advise: Advise, **knowledge: Any) -> Card:
    """A card that answers so."""
    said: dict[str, Any] = {
        "rule": rule,
        "title": rule,
        "book": "1",
        "highest": "critical",
        "concern": "rest",
        "hooks": {"order-select": "always", "order-sign": "always"},
        "triggers": ("pregabalin",),
        "needs": ("patient", "encounter", "conditions"),
        "override_reasons": ("data-incorrect",),
        "reviewed": {"on": "2026-02-11", "by": "clinical reader", "again_by": "2027-02-11"},
    }
    return Card("family", rule.replace("-", "_"), Knowledge.model_validate(said | knowledge), advise, "")


def chart(patient: Patient | None = ADULT, *diagnoses: Diagnosis, encounter: Encounter | None = None) -> Facts:
    """A chart of demographics, problems and an encounter; `patient` None: could not be had."""
    supplied = {
        "patient": _supplied(patient),
        "encounter": _supplied(encounter),
        "conditions": Supplied(State.PRESENT, read=lambda: diagnoses),
    }
    if patient is None:
        del supplied["patient"]
    return Facts(as_of=AS_OF, supplied=supplied, requests=REQUESTS)


def _supplied(record: Patient | Encounter | None) -> Supplied:
    return Supplied(State.ABSENT) if record is None else Supplied(State.PRESENT, read=lambda: (record,))


def ordered(hook: Hook = Hook.ORDER_SIGN, *, name: str = "pregabalin", by_text: bool = False) -> OrderedDrug:
    """Pregabalin 75 mg twice daily, or a drug without a dosage."""
    drug = Drug(name, frozenset({name}), by_text=by_text)
    timing = Timing(frequency=2, period=1, period_unit="d")
    line = DoseLine(amount=Amount(75, 75, "mg"), timing=timing)
    return OrderedDrug(hook, (MedicationOrder("MedicationRequest/1", drug, lines=(line,), is_draft=True),))


def without_dosage(hook: Hook) -> OrderedDrug:
    """Pregabalin before a dose was chosen."""
    drug = Drug("pregabalin", frozenset({"pregabalin"}))
    return OrderedDrug(hook, (MedicationOrder("MedicationRequest/1", drug, is_draft=True),))


def considered(
    cards: Sequence[Card],
    facts: Facts | None = None,
    *orders: Ordered,
    manners: Manners = Manners(),  # noqa: B008 - frozen
) -> tuple[Considered, ...]:
    """What consult makes of these cards."""
    catalogue = Catalogue(cards, REQUESTS)
    return consult(questions(catalogue, orders or (ordered(),)), facts or chart(), manners)


def shown(*arguments: Any, **named: Any) -> list[str]:
    """Rules whose advice is shown, in order."""
    return [one.card.rule for one in considered(*arguments, **named) if one.is_shown]


def because(one: Considered) -> str:
    """Why a card adds nothing."""
    assert isinstance(one.opinion, NothingToAdd), one.opinion
    return one.opinion.because


# -- opinions -------------------------------------------------------------------------------------------------------


def test_advice_is_shown_and_the_rest_is_kept_with_its_reason() -> None:
    cards = [
        card("a-speaks", advice()),
        card("b-is-silent", NothingToAdd("within the limits")),
        card("c-cannot-tell", CannotTell("no answer", ("conditions",))),
    ]
    assert [(one.card.rule, one.is_shown) for one in considered(cards)] == [
        ("a-speaks", True),
        ("b-is-silent", False),
        ("c-cannot-tell", False),
    ]


def test_only_cards_that_the_drug_triggers_are_asked() -> None:
    cards = [card("of-pregabalin", advice()), card("of-rituximab", advice(), triggers=("rituximab",))]
    assert shown(cards) == ["of-pregabalin"]
    assert shown(cards, None, ordered(name="rituximab")) == ["of-rituximab"]
    assert considered(cards, None, ordered(name="aspirin")) == ()


def test_a_fact_that_is_not_known_becomes_cannot_tell() -> None:
    [one] = considered([card("asks", NotKnown("conditions", "the search was refused"))])
    assert one.opinion == CannotTell("conditions: the search was refused", missing=("conditions",))


@pytest.mark.parametrize("error", [ZeroDivisionError("2.5 mg/dL"), UndeclaredNeed("allergies", "not declared")])
def test_a_rule_that_fails_takes_no_other_with_it(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        found = considered([card("a-fails", error), card("b-speaks", advice())])
    assert [one.card.rule for one in found if one.is_shown] == ["b-speaks"]
    assert found[1].opinion == CannotTell("this rule failed", failed=True)
    [record] = caplog.records
    assert (vars(record)["rule"], vars(record)["error"]) == ("a-fails", type(error).__name__)
    assert vars(record)["at"].startswith("test_consult.py:")
    assert str(error) not in caplog.text + str(vars(record))


def test_a_card_sees_only_what_it_declares() -> None:
    def advise(_: OrderedDrug, facts: Facts, __: Knowledge) -> Opinion:
        return advice(INFO if facts.has("cidp") else WARNING)

    [one] = considered([asking("nosy", advise, needs=("patient",))])
    assert one.opinion == CannotTell("this rule failed", failed=True)


# -- silence for all rules (book 0.7) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "ages", "is_shown"),
    [(date(2008, 6, 16), "adults", False), (date(2008, 6, 15), "adults", True), (date(2008, 6, 16), "all", True)],
    ids=["17 years", "18 today", "17 years, a rule for all ages"],
)
def test_rules_for_adults_are_silent_under_18(born: date, ages: str, is_shown: bool) -> None:
    assert bool(shown([card("rule", advice(), ages=ages)], chart(Patient(born)))) is is_shown


def test_rules_run_without_a_birth_date_or_a_patient() -> None:
    assert shown([card("rule", advice())], chart(Patient())) == ["rule"]
    assert shown([card("rule", advice())], chart(None)) == ["rule"]


def test_nothing_is_said_about_the_deceased() -> None:
    [one] = considered([card("rule", advice(CRITICAL), ages="all")], chart(Patient(ADULT.birth_date, is_deceased=True)))
    assert because(one) == "the patient is recorded as deceased"


HOSPICE = Diagnosis(frozenset({"hospice"}))
PALLIATIVE = Diagnosis(frozenset({"palliative_care"}), code="Z51.5")


@pytest.mark.parametrize(
    ("facts", "in_hospice", "is_shown"),
    [
        (chart(ADULT, HOSPICE), "silent", False),
        (chart(ADULT, encounter=Encounter(is_hospice=True)), "silent", False),
        (chart(ADULT, HOSPICE), "speaks", True),
        (chart(ADULT, Diagnosis(frozenset({"hospice"}), is_current=False)), "silent", True),
    ],
    ids=["problem", "encounter", "a rule that speaks there", "history"],
)
def test_rules_are_silent_in_hospice_unless_they_say_otherwise(facts: Facts, in_hospice: str, is_shown: bool) -> None:
    assert bool(shown([card("rule", advice(), in_hospice=in_hospice)], facts)) is is_shown


@pytest.mark.parametrize(("highest", "is_shown"), [("critical", True), ("warning", False), ("info", False)])
def test_palliative_care_silences_only_rules_that_cannot_reach_critical(highest: str, is_shown: bool) -> None:
    assert bool(shown([card("rule", advice(INFO), highest=highest)], chart(ADULT, PALLIATIVE))) is is_shown
    here = chart(ADULT, encounter=Encounter(is_palliative=True))
    assert bool(shown([card("rule", advice(INFO), highest=highest)], here)) is is_shown


def test_an_unread_problem_list_silences_nothing() -> None:
    facts = Facts(as_of=AS_OF, supplied={"patient": _supplied(ADULT)}, requests=REQUESTS)
    assert shown([card("rule", advice(), highest="warning")], facts) == ["rule"]


# -- hooks (book 0.4) -----------------------------------------------------------------------------------------------

DOSE_RULE = {"order-select": "complete-dosage", "order-sign": "always"}
CHOICE_RULE = {"order-select": "always", "order-sign": "warning-and-up"}
SIGNING_RULE = {"order-select": "never", "order-sign": "always"}


def test_a_dose_rule_waits_for_a_complete_dosage() -> None:
    cards = [card("dose", advice(), hooks=DOSE_RULE)]
    assert shown(cards, None, ordered(Hook.ORDER_SELECT)) == ["dose"]
    [one] = considered(cards, None, without_dosage(Hook.ORDER_SELECT))
    assert because(one) == "the draft has no complete dosage yet"
    assert shown(cards, None, without_dosage(Hook.ORDER_SIGN)) == ["dose"]


def test_a_rule_of_signing_is_not_asked_while_choosing() -> None:
    cards = [card("signing", advice(), hooks=SIGNING_RULE)]
    assert considered(cards, None, ordered(Hook.ORDER_SELECT)) == ()
    assert shown(cards) == ["signing"]


@pytest.mark.parametrize(
    ("said", "is_shown"),
    [
        (advice(WARNING), True),
        (advice(INFO), False),
        (advice(INFO, before_downgrade=WARNING), True),
        (advice(INFO, speaks_at_signing=True), True),
    ],
    ids=["warning", "info", "a warning that was lowered", "an info the book lets through"],
)
def test_at_signing_a_rule_of_choice_keeps_its_infos_back(said: Advice, is_shown: bool) -> None:
    cards = [card("choice", said, hooks=CHOICE_RULE)]
    assert bool(shown(cards)) is is_shown
    assert shown(cards, None, ordered(Hook.ORDER_SELECT)) == ["choice"]
    assert shown([card.speaking_at_signing() for card in cards]) == ["choice"]


def test_a_site_that_signs_only_hears_what_is_said_while_choosing_too() -> None:
    choosing = card("choosing", advice(INFO), hooks={"order-select": "always", "order-sign": "never"})
    signing = card("signing", advice(INFO), hooks=SIGNING_RULE)
    assert shown([choosing, signing]) == ["signing"]
    everywhere = [choosing.speaking_at_signing(), signing.speaking_at_signing()]
    assert shown(everywhere) == ["choosing", "signing"]
    assert shown(everywhere, None, ordered(Hook.ORDER_SELECT)) == ["choosing"]


# -- services in the basket -----------------------------------------------------------------------------------------


def test_a_procedure_in_the_basket_triggers_its_cards_once() -> None:
    asked: list[Any] = []

    def advise(order: OrderedService, *_: Any) -> Opinion:
        asked.append(order)
        return advice()

    exchange = ServiceOrder("ServiceRequest/1", frozenset({"plasma_exchange"}), display="Plasmapheresis")
    services = group_by_service(
        [exchange, exchange._replace(id="ServiceRequest/2"), ServiceOrder("x")], Hook.ORDER_SIGN
    )
    cards = [asking("exchange", advise, triggers=("plasma_exchange",)), card("drug", advice())]
    assert shown(cards, None, *services) == ["exchange"]
    [order] = asked
    assert (order.name, order.ids, order.is_signing) == (
        "Plasmapheresis",
        ("ServiceRequest/1", "ServiceRequest/2"),
        True,
    )
    assert (order.reasons, order.by_text, order.last.id) == ((), False, "ServiceRequest/2")


# -- drugs known by name only (book 1.9) ----------------------------------------------------------------------------


def test_a_drug_known_by_name_reaches_warning_at_most() -> None:
    [one] = considered([card("rule", advice(CRITICAL))], None, ordered(by_text=True))
    assert isinstance(one.opinion, Advice)
    assert (one.opinion.indicator, one.opinion.before_downgrade) == (WARNING, CRITICAL)
    assert one.opinion.explanation.rule.endswith("One level lower: what is ordered is recognised by its name only.")


def in_one_basket(*by_text: bool) -> OrderedDrug:
    """As many drafts of pregabalin, known by name only where so said."""
    drafts = tuple(ordered(by_text=one).last._replace(id=f"MedicationRequest/{n}") for n, one in enumerate(by_text))
    return OrderedDrug(Hook.ORDER_SIGN, drafts)


def _level_of(answer: Opinion | Exception) -> tuple[Indicator, Indicator | None]:
    """Of critical advice on a coded draft and one known by name, when the coded one alone gets this answer."""

    def advise(order: OrderedDrug, *_: Any) -> Opinion:
        return _give(answer) if len(order.drafts) == 1 else advice(CRITICAL)

    [one] = considered([asking("rule", advise)], None, in_one_basket(False, True))
    assert isinstance(one.opinion, Advice)
    return one.opinion.indicator, one.opinion.before_downgrade


def test_a_draft_known_by_name_does_not_lower_what_the_coded_one_gets() -> None:
    assert _level_of(advice(CRITICAL)) == (CRITICAL, None)


@pytest.mark.parametrize("alone", [advice(WARNING), NothingToAdd("within the limit"), NotKnown("conditions")])
def test_what_is_critical_only_with_a_draft_known_by_name_is_a_warning(alone: Opinion | Exception) -> None:
    assert _level_of(alone) == (WARNING, CRITICAL)


def test_two_drafts_known_by_name_reach_warning_at_most() -> None:
    [one] = considered([card("rule", advice(CRITICAL))], None, in_one_basket(True, True))
    assert isinstance(one.opinion, Advice)
    assert one.opinion.indicator is WARNING


def test_a_name_changes_nothing_below_critical() -> None:
    [one] = considered([card("rule", advice(INFO))], None, in_one_basket(False, True))
    assert isinstance(one.opinion, Advice)
    assert (one.opinion.indicator, one.opinion.before_downgrade) == (INFO, None)


# -- one card for what two orders have in common (book 1.10.4) --------------------------------------------------------


def test_two_drugs_that_share_the_facts_get_one_card_the_most_urgent() -> None:
    def advise(order: OrderedDrug, *_: Any) -> Opinion:
        return advice(WARNING if order.name == "duloxetine" else INFO)

    both = (ordered(), ordered(name="duloxetine"))
    triggers = ("pregabalin", "duloxetine")
    found = considered([asking("shared", advise, triggers=triggers, one_per_call=True)], None, *both)
    assert [(one.order.name, one.kept_back) for one in found] == [
        ("duloxetine", ""),
        ("pregabalin", "said for duloxetine"),
    ]
    assert shown([asking("own", advise, triggers=triggers)], None, *both) == ["own", "own"]


# -- suppression, order, cap (book 1.10) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("louder", "quieter", "expected"),
    [
        (advice(WARNING), advice(WARNING), ["louder"]),
        (advice(INFO), advice(WARNING), ["louder"]),
        (NothingToAdd("nothing"), advice(WARNING), ["quieter"]),
        (advice(WARNING), advice(CRITICAL), ["quieter", "louder"]),
    ],
    ids=["silenced", "silenced by a lower level", "the other is silent", "critical is never silenced"],
)
def test_a_card_silences_those_it_names(louder: Opinion, quieter: Opinion, expected: list[str]) -> None:
    assert shown([card("louder", louder, silences=("quieter",)), card("quieter", quieter)]) == expected


FROM_WARNING = [{"rule": "quieter", "from_level": "warning", "spares_extreme": True, "withholds_suggestions": True}]
OFFER = RemoveOrder("MedicationRequest/1", "Remove")


@pytest.mark.parametrize(
    ("louder", "quieter", "expected"),
    [
        (advice(INFO), advice(WARNING), ["quieter", "louder"]),
        (advice(WARNING), advice(WARNING), ["louder"]),
        (advice(CRITICAL), advice(WARNING), ["louder"]),
        (advice(INFO, before_downgrade=WARNING), advice(WARNING), ["quieter", "louder"]),
        (advice(WARNING), advice(WARNING, is_extreme=True), ["louder", "quieter"]),
    ],
    ids=["below the level", "at it", "above it", "lowered below it", "extreme advice is spared"],
)
def test_a_card_silences_another_from_a_level_on(louder: Opinion, quieter: Opinion, expected: list[str]) -> None:
    assert shown([card("louder", louder, silences=FROM_WARNING), card("quieter", quieter)]) == expected


def test_extreme_advice_is_silenced_where_it_is_not_spared() -> None:
    quieter = card("quieter", advice(is_extreme=True))
    assert shown([card("louder", advice(), silences=("quieter",)), quieter]) == ["louder"]


@pytest.mark.parametrize(
    ("silences", "offered"), [(FROM_WARNING, ()), ([{"rule": "quieter"}], (OFFER,)), ((), (OFFER,))]
)
def test_advice_that_is_spared_may_lose_its_suggestions(silences: Any, offered: tuple[Suggestion, ...]) -> None:
    quieter = card("quieter", advice(CRITICAL, suggestions=(OFFER,)))
    first = considered([card("louder", advice(), silences=silences), quieter])[0]
    assert (first.card.rule, first.is_shown, first.suggestions) == ("quieter", True, offered)


def test_what_gives_no_advice_offers_nothing() -> None:
    [one] = considered([card("rule", NothingToAdd("nothing"))])
    assert one.suggestions == ()


def test_a_silenced_card_says_by_which() -> None:
    found = considered([card("louder", advice(), silences=("quieter",)), card("quieter", advice())])
    assert [one.kept_back for one in found] == ["", "said by louder"]


def test_advice_that_is_kept_back_silences_nobody() -> None:
    louder = card("louder", advice(INFO), silences=("quieter",), hooks=CHOICE_RULE)
    assert shown([louder, card("quieter", advice())]) == ["quieter"]


def test_a_card_silences_another_about_the_same_concern_whatever_drug_it_speaks_of() -> None:
    louder = card("louder", advice(), silences=("quieter",))
    quieter = card("quieter", advice(), triggers=("rituximab",))
    assert shown([louder, quieter], None, ordered(), ordered(name="rituximab")) == ["louder"]


def test_the_most_urgent_comes_first_then_the_graver_concern_then_the_rule_id() -> None:
    cards = [
        card("a", advice(WARNING)),
        card("b", advice(WARNING), concern="HBV"),
        card("c", advice(CRITICAL)),
        card("d", advice(WARNING), concern="contraindication"),
        card("e", advice(WARNING)),
        card("f", advice(INFO), concern="contraindication"),
    ]
    assert shown(cards, manners=Manners(at_most=9)) == ["c", "d", "b", "a", "e", "f"]


def test_two_infos_at_most() -> None:
    found = considered([card(rule, advice(INFO)) for rule in "abc"])
    assert [one.kept_back for one in found] == ["", "", "more cards than a person reads"]


def test_five_cards_at_most_but_warnings_are_never_dropped() -> None:
    infos = [card("y", advice(INFO)), card("z", advice(INFO))]
    warnings = [card(rule, advice(WARNING)) for rule in "abcd"]
    assert shown(infos + warnings) == ["a", "b", "c", "d", "y"]
    more = [card(rule, advice(WARNING)) for rule in "efg"]
    assert shown(infos + warnings + more) == ["a", "b", "c", "d", "e", "f", "g"]


def test_what_comes_after_a_card_that_is_kept_back_is_not_lost() -> None:
    shared = card("a-shared", advice(WARNING), triggers=("pregabalin", "duloxetine"), one_per_call=True)
    others = [*[card(rule, advice(INFO)) for rule in "xyz"], card("b", NothingToAdd("nothing"))]
    found = considered([shared, *others], None, ordered(), ordered(name="duloxetine"))
    assert [(one.card.rule, one.kept_back) for one in found] == [
        ("a-shared", ""),
        ("a-shared", "said for pregabalin"),
        ("x", ""),
        ("y", ""),
        ("z", "more cards than a person reads"),
        ("b", ""),
    ]


def test_a_site_chooses_how_many() -> None:
    cards = [card(rule, advice(INFO)) for rule in "abc"]
    assert shown(cards, manners=Manners(at_most_info=3)) == ["a", "b", "c"]
    assert shown(cards, manners=Manners(at_most=1)) == ["a"]


# -- silent cards: asked, shown to nobody, and for the others as if they were not there -------------------------------


def silent(rule: str, opinion: Opinion | Exception, **knowledge: Any) -> Card:
    """A card that is silent at this site."""
    return card(rule, opinion, **knowledge).silenced()


def left(*arguments: Any, **named: Any) -> list[str]:
    """Silent rules that would be shown, in order."""
    return [one.card.rule for one in considered(*arguments, **named) if one.is_left and one.is_silent]


def test_a_silent_card_is_asked_and_not_shown() -> None:
    found = considered([silent("b-silent", advice(CRITICAL)), card("a", advice(INFO))])
    assert [(one.card.rule, one.is_shown, one.is_left, one.is_silent) for one in found] == [
        ("a", True, True, False),
        ("b-silent", False, True, True),
    ]


def test_a_silent_card_silences_no_other() -> None:
    quieter = card("quieter", advice(CRITICAL, suggestions=(OFFER,)))
    lesser = card("lesser", advice(WARNING))
    louder = silent("louder", advice(CRITICAL), silences=[*FROM_WARNING, {"rule": "lesser"}])
    first, second, third = considered([louder, quieter, lesser])
    assert [first.card.rule, second.card.rule, third.card.rule] == ["quieter", "lesser", "louder"]
    assert (first.is_shown, first.suggestions, second.is_shown) == (True, (OFFER,), True)


def test_a_silent_card_counts_for_no_cap() -> None:
    infos = [card(rule, advice(INFO)) for rule in "yz"]
    louder = [silent(rule, advice(CRITICAL)) for rule in "abcde"]
    first_infos = [silent(rule, advice(INFO), concern="contraindication") for rule in "fg"]
    assert shown([*infos, *louder, *first_infos]) == ["y", "z"]


def test_a_silent_card_says_nothing_in_the_place_of_another_order() -> None:
    def advise(order: OrderedDrug, *_: Any) -> Opinion:
        return advice(WARNING if order.name == "duloxetine" else INFO)

    triggers = ("pregabalin", "duloxetine")
    shared = asking("shared", advise, triggers=triggers, one_per_call=True)
    both = (ordered(), ordered(name="duloxetine"))
    found = considered([shared.silenced()], None, *both)
    assert [(one.order.name, one.kept_back) for one in found] == [
        ("duloxetine", ""),
        ("pregabalin", "said for duloxetine"),
    ]
    assert not any(one.is_shown for one in found)


def test_of_a_silent_card_is_left_what_would_be_if_it_were_seen() -> None:
    over = card("over", advice(), silences=("under",))
    under = silent("under", advice())
    assert left([over, under]) == []
    assert left([silent("over", advice(), silences=("under",)), under]) == ["over"]
    infos = [card(rule, advice(INFO)) for rule in "ab"]
    assert left([*infos, silent("c", advice(INFO))]) == []
    assert left([*infos, silent("c", advice(INFO), concern="contraindication")]) == ["c"]
    assert left([silent("unknown", CannotTell("no answer")), silent("quiet", NothingToAdd("nothing"))]) == []


def test_a_client_may_have_rules_silent_that_others_see() -> None:
    catalogue = Catalogue([card("a", advice()), silent("b", advice())], REQUESTS)
    assert catalogue.silencing([]) is catalogue
    assert [one.is_silent for one in catalogue.cards] == [False, True]
    both = catalogue.silencing(["a", "b"])
    assert [one.is_silent for one in both.cards] == [True, True]
    assert catalogue.silencing(["b", "a"]) is both
