"""Antiviral cover and plan, as a card names them (book 5.2)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.hepatology.cover import STRONG, WEAK, antiviral_cover, plan_line
from cards.orders import Amount, Basket, DoseLine, Drug, Hook, MedicationOrder, OrderedDrug, ServiceOrder
from tests.cards.neurology.charts import UNKNOWN, ordered, patient
from tests.cards.pharmacology.charts import ago, chart, order, present, signed

RITUXIMAB = order(drug=Drug("rituximab", frozenset({"rituximab", "anti_cd20"})), is_draft=True)
SIGNED = signed(RITUXIMAB)
CHOSEN = OrderedDrug(Hook.ORDER_SELECT, (RITUXIMAB,))

ENTECAVIR = Drug("entecavir", frozenset({STRONG}), by_text=True)
LAMIVUDINE = Drug("lamivudine", frozenset({WEAK}), by_text=True)


def drafted(drug: Drug, *lines: DoseLine) -> MedicationOrder:
    """A draft with these dose lines."""
    return MedicationOrder(f"MedicationRequest/{drug.name}", drug, lines=lines, is_draft=True)


@pytest.mark.parametrize(
    ("line", "states_a_dose"),
    [
        (DoseLine(amount=Amount(0.5, 0.5, "mg")), True),
        (DoseLine(text="one tablet daily"), True),
        (DoseLine(unreadable="dose without a unit"), True),
        (DoseLine(), False),
    ],
)
def test_a_draft_is_cover_on_signing_where_it_states_a_dose(line: DoseLine, states_a_dose: bool) -> None:
    facts = chart(basket=Basket((drafted(ENTECAVIR, line),)))
    assert antiviral_cover(SIGNED, facts).is_strong is states_a_dose
    assert antiviral_cover(CHOSEN, facts).is_strong
    assert antiviral_cover(CHOSEN, facts).is_unfinished is not states_a_dose


def test_a_draft_known_by_its_code_is_cover_without_a_dose() -> None:
    facts = chart(basket=Basket((drafted(ENTECAVIR._replace(by_text=False)),)))
    assert antiviral_cover(SIGNED, facts).is_strong


@pytest.mark.parametrize(
    ("orders", "line", "kinds"),
    [
        ((), "antiviral: searched, none active", (False, False, False)),
        ((drafted(ENTECAVIR),), "antiviral: entecavir (drafted without a dose)", (True, False, True)),
        ((drafted(LAMIVUDINE),), "antiviral: lamivudine (drafted without a dose)", (False, True, False)),
        (
            (drafted(LAMIVUDINE, DoseLine(text="daily")), drafted(ENTECAVIR)),
            "antiviral: lamivudine (drafted) and entecavir (drafted without a dose)",
            (True, False, True),
        ),
    ],
)
def test_cover_while_choosing_in_one_line(
    orders: tuple[MedicationOrder, ...], line: str, kinds: tuple[bool, bool, bool]
) -> None:
    cover = antiviral_cover(CHOSEN, chart(basket=Basket(orders)))
    assert (cover.line, (cover.is_strong, cover.is_weak, cover.is_unfinished)) == (line, kinds)


def test_an_active_order_is_cover_beside_a_draft_without_a_dose() -> None:
    facts = chart(basket=Basket((drafted(ENTECAVIR),)), medication_orders=ordered(ENTECAVIR, 60))
    cover = antiviral_cover(CHOSEN, facts)
    assert (cover.is_strong, cover.is_unfinished, cover.name) == (True, False, "entecavir")
    assert cover.line == f"antiviral: entecavir (active order of {ago(60)}) and entecavir (drafted without a dose)"


@pytest.mark.parametrize(
    ("basket", "is_cover", "line"),
    [
        (Basket(stopped=(drafted(ENTECAVIR),)), False, "entecavir (active order stopped or replaced in this basket)"),
        (Basket(stopped=(drafted(LAMIVUDINE),)), True, f"entecavir (active order of {ago(60)})"),
        (
            Basket((drafted(ENTECAVIR, DoseLine(text="daily")),), stopped=(drafted(ENTECAVIR),)),
            True,
            "entecavir (drafted) and entecavir (active order stopped or replaced in this basket)",
        ),
    ],
)
def test_an_active_order_that_the_basket_stops_is_no_cover(basket: Basket, is_cover: bool, line: str) -> None:
    cover = antiviral_cover(SIGNED, chart(basket=basket, medication_orders=ordered(ENTECAVIR, 60)))
    assert (cover.is_strong, cover.line) == (is_cover, f"antiviral: {line}")


def test_orders_that_could_not_be_had_leave_it_open_unless_cover_is_drafted() -> None:
    unread = chart(basket=Basket((drafted(ENTECAVIR),)), medication_orders=UNKNOWN)
    assert antiviral_cover(CHOSEN, unread).is_unfinished
    with pytest.raises(NotKnown):
        antiviral_cover(SIGNED, unread)


REFERRAL = ServiceOrder("s1", frozenset({"gastroenterology_hepatology"}), authored_on=ago(90))
DNA = ServiceOrder("s2", frozenset({"hbv_dna_quantitative"}), is_draft=True)


def test_a_plan_is_named_with_its_day() -> None:
    assert plan_line(patient(service_requests=present(REFERRAL))) == f"plan: hepatology referral (ordered on {ago(90)})"
    both = chart(basket=Basket(services=(DNA,)), service_requests=present(REFERRAL))
    assert plan_line(both) == f"plan: HBV DNA (drafted) and hepatology referral (ordered on {ago(90)})"


def test_no_plan_and_an_unread_one_are_told_apart() -> None:
    none = "plan: no hepatology referral or HBV DNA order of the last 90 days found"
    assert plan_line(patient()) == none
    assert plan_line(patient(service_requests=present(REFERRAL._replace(authored_on=ago(91))))) == none
    assert plan_line(patient(service_requests=UNKNOWN)) == "plan: could not be checked"
