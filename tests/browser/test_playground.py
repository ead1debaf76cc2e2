"""The playground at `/` as a person uses it: patients, orders, suggestions, overrides, links; by mouse, keys, forms."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.accessibility import unreadable, violations
from tests.browser.keyboard import tab_to
from tests.browser.pictures import keep
from tests.browser.visitor import PHONE, Visitor
from tests.cds_service.ledger.books import rows, until
from tests.running_service import Service

FAILING_KIDNEYS = "/?patient=failing-kidneys&hook=order-sign&order1="
TOO_MUCH, LESS = "pregabalin 150 mg capsule, 1 capsule three times daily", "pregabalin 25 mg once daily"
GABAPENTIN = "gabapentin 600 mg three times daily"
OF_PREGABALIN, OF_GABAPENTIN = "pregabalinDoseExceedsRenalMax", "gabapentinDoseExceedsRenalMax"

WITH_SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


def card(page: Page, topic: str) -> Locator:
    """The card on this topic."""
    return page.locator(f"article.card[data-topic={topic}]")


def cards(page: Page) -> set[tuple[str | None, str]]:
    """(topic, summary) of each card."""
    return {
        (one.get_attribute("data-topic"), one.locator("h3").inner_text()) for one in page.locator("article.card").all()
    }


def asks(page: Page, order: str, *, scripts: bool = True) -> None:
    """Types the order; where scripts run, leaving the field is enough."""
    page.get_by_label("Order in one line").first.fill(order)
    if scripts:
        page.get_by_label("Order in one line").first.blur()
    else:
        page.get_by_role("button", name="Ask the service").click()


def overrides(page: Page, topic: str, comment: str) -> str:
    """Overrides the card with its second reason; the code of that reason."""
    form = card(page, topic).locator("details.override")
    form.locator("summary").click()
    code = form.locator("option").nth(1).get_attribute("value")
    form.get_by_label("Reason").select_option(code)
    form.get_by_label("Comment").fill(comment)
    form.get_by_role("button", name="Send override").click()
    expect(page.get_by_text("Your override was sent as feedback")).to_be_visible()
    return str(code)


@WITH_SCRIPTS
def test_whoever_picks_a_patient_and_an_order_sees_a_card(visitor: Visitor, scripts: bool):
    page = visitor.open("/", scripts=scripts)
    page.get_by_label("Patient", exact=True).select_option("before-rituximab")
    if not scripts:
        page.get_by_role("button", name="Ask the service").click()
    expect(page.locator(".story")).to_contain_text("rituximab is planned")
    expect(page.get_by_label("Order in one line").first).to_have_value("rituximab 375 mg/m2 IV weekly for 4 doses")
    asks(page, "rituximab 1000 mg IV once", scripts=scripts)
    expect(card(page, "rituximabHbvSerology").locator(".level")).to_have_text("Critical")


@WITH_SCRIPTS
def test_the_cards_change_with_the_order(visitor: Visitor, scripts: bool):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}", scripts=scripts)
    expect(card(page, OF_PREGABALIN)).to_contain_text("450 mg/day exceeds")
    asks(page, GABAPENTIN, scripts=scripts)
    expect(card(page, OF_GABAPENTIN)).to_be_visible()
    expect(card(page, OF_PREGABALIN)).to_have_count(0)
    asks(page, LESS, scripts=scripts)
    expect(page.locator("article.card.critical, article.card.warning")).to_have_count(0)


def test_an_order_can_be_picked_part_by_part(visitor: Visitor):
    page = visitor.open(FAILING_KIDNEYS)
    page.get_by_label("Pick it").first.check()
    page.get_by_label("Drug", exact=True).first.fill("gabapentin")
    page.get_by_label("How often").first.select_option("three times daily")
    page.get_by_label("Dose", exact=True).first.fill("600 mg")
    page.get_by_label("Dose", exact=True).first.blur()
    expect(card(page, OF_GABAPENTIN)).to_contain_text("1800 mg/day")


def test_a_second_order_is_reviewed_with_the_first(visitor: Visitor):
    page = visitor.open("/?patient=slow-titration&order1=pregabalin 75 mg twice daily")
    page.get_by_text("Second order", exact=True).first.click()
    second = page.get_by_label("Order in one line").nth(1)
    second.fill("gabapentin 300 mg three times daily")
    second.blur()
    expect(card(page, "gabapentinoidDuplicate")).to_be_visible()


@WITH_SCRIPTS
def test_a_suggestion_changes_the_order_and_the_same_card_does_not_come_back(visitor: Visitor, scripts: bool):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}", scripts=scripts)
    before = cards(page)
    card(page, OF_PREGABALIN).locator("button.suggestion").first.click()
    expect(page.get_by_text("The suggestion was applied")).to_be_visible()
    expect(page.get_by_role("heading", name="In the basket")).to_be_visible()
    expect(card(page, OF_PREGABALIN)).to_have_count(0)
    assert cards(page) & before == set()


def test_taking_suggestions_leads_to_an_end(visitor: Visitor):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}")
    taken: list[tuple[str, str]] = []
    while page.locator("button.suggestion").count():
        offer = page.locator("article.card:has(button.suggestion)").first
        doing = offer.locator("h3").inner_text(), offer.locator("button.suggestion").first.inner_text()
        assert doing not in taken, "the same card with the same suggestion came back"
        taken.append(doing)
        shown = page.locator("#answer").element_handle()
        offer.locator("button.suggestion").first.click()
        shown.wait_for_element_state("hidden")  # the next answer has taken its place
        assert len(taken) < 12
    assert taken


@WITH_SCRIPTS
def test_an_override_is_in_the_ledger_with_its_reason_and_comment(visitor: Visitor, service: Service, scripts: bool):
    comment = f"agreed with the renal clinic, {scripts}"
    page = visitor.open(f"{FAILING_KIDNEYS}{GABAPENTIN}", scripts=scripts)
    code = overrides(page, OF_GABAPENTIN, comment)
    until(lambda: comment in [row["comment"] for row in rows(service.ledger, "comments")])
    (said,) = [row for row in rows(service.ledger, "comments") if row["comment"] == comment]
    (row,) = [row for row in rows(service.ledger, "feedback") if row["id"] == said["feedback"]]
    assert (row["client"], row["outcome"]) == ("playground", "overridden")
    assert f'"{code}"' in row["reasons"]


def test_the_link_shows_the_same_to_somebody_else(visitor: Visitor):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}")
    asks(page, GABAPENTIN)
    expect(card(page, OF_GABAPENTIN)).to_be_visible()
    expect(page.locator("#link")).to_have_value(re.compile("gabapentin"))
    link = page.locator("#link").input_value()
    other = visitor.new_page()
    other.goto(link)
    assert cards(other) == cards(page)
    assert other.get_by_label("Order in one line").first.input_value() == GABAPENTIN
    assert other.get_by_label("Patient", exact=True).input_value() == "failing-kidneys"


def test_the_address_follows_the_form_so_that_back_goes_back(visitor: Visitor):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}")
    asks(page, GABAPENTIN)
    expect(card(page, OF_GABAPENTIN)).to_be_visible()
    expect(page).to_have_url(re.compile("gabapentin"))
    page.go_back()
    expect(card(page, OF_PREGABALIN)).to_be_visible()


def test_a_slow_answer_to_an_older_request_does_not_replace_a_newer_one(visitor: Visitor):
    page = visitor.open(f"{FAILING_KIDNEYS}{LESS}")
    held: list[Route] = []
    over: list[Request] = []
    page.on("requestfailed", lambda request: over.append(request))
    page.on("requestfinished", lambda request: over.append(request))

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile(r"order1="), hold_the_first)
    with page.expect_request(re.compile("order1=.*150")):
        asks(page, TOO_MUCH)
    asks(page, GABAPENTIN)
    expect(card(page, OF_GABAPENTIN)).to_be_visible()
    held[0].continue_()
    until(lambda: bool(page.wait_for_timeout(20)) or held[0].request in over)
    assert card(page, OF_GABAPENTIN).is_visible()
    assert card(page, OF_PREGABALIN).count() == 0


def test_the_whole_loop_by_keyboard_alone(visitor: Visitor):
    page = visitor.open("/")
    tab_to(page, page.get_by_label("Patient", exact=True))
    page.keyboard.type("Woman, 58")
    expect(page.locator(".story")).to_contain_text("rituximab is planned")
    tab_to(page, page.get_by_label("Order in one line").first)
    page.keyboard.press("Control+A")
    page.keyboard.type("rituximab 1000 mg IV once")
    page.keyboard.press("Enter")
    hbv = card(page, "rituximabHbvSerology")
    expect(hbv).to_be_visible()
    tab_to(page, hbv.locator("button.suggestion").first)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The suggestion was applied")).to_be_visible()
    tab_to(page, hbv.locator("details.override summary"))
    page.keyboard.press("Enter")
    tab_to(page, hbv.get_by_label("Comment"))
    page.keyboard.type("by keyboard")
    tab_to(page, hbv.get_by_role("button", name="Send override"))
    page.keyboard.press("Space")
    expect(page.get_by_text("Your override was sent as feedback")).to_be_visible()


def test_the_list_of_patients_stays_under_the_hand_of_whoever_types(visitor: Visitor):
    page = visitor.open("/")
    patient = page.get_by_label("Patient", exact=True)
    patient.evaluate("(one) => { one.isTheSame = true; }")
    patient.focus()
    page.keyboard.type("Woman, 5")  # asks with each letter that leads to somebody else
    expect(page.locator(".story")).to_contain_text("rituximab is planned")
    assert patient.evaluate("(one) => one.isTheSame && one === document.activeElement")


def test_an_order_asked_with_enter_is_not_asked_again_when_its_field_is_left(visitor: Visitor):
    page = visitor.open(FAILING_KIDNEYS)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    for order, topic in ((TOO_MUCH, OF_PREGABALIN), (GABAPENTIN, OF_GABAPENTIN), (TOO_MUCH, OF_PREGABALIN)):
        field = page.get_by_label("Order in one line").first
        field.fill(order)
        field.press("Enter")
        expect(card(page, topic)).to_be_visible()
        field.press("Tab")
    assert len(sent) == 3


@WITH_SCRIPTS
def test_an_order_that_cannot_be_read_is_told_beside_its_field(visitor: Visitor, scripts: bool):
    visitor.expected.append("status of 400")
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}", scripts=scripts)
    asks(page, "something against pain", scripts=scripts)
    field = page.get_by_label("Order in one line").first
    expect(page.locator("#order1-problem")).not_to_be_empty()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("something against pain")
    if scripts:  # axe is one
        assert violations(page) == []
    asks(page, TOO_MUCH, scripts=scripts)
    expect(card(page, OF_PREGABALIN)).to_be_visible()
    expect(page.locator("#order1-problem")).to_be_empty()


@pytest.mark.parametrize("width", [1200, PHONE])
def test_axe_finds_nothing_with_everything_unfolded(visitor: Visitor, width: int):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}", width=width)
    page.evaluate("document.querySelectorAll('details:not(.json)').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    assert unreadable(page) == []
    page.emulate_media(color_scheme="dark")
    assert unreadable(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    keep(page, f"playground-unfolded-dark-{width}")


def test_why_tells_the_facts_the_branch_and_the_time_it_took(visitor: Visitor):
    page = visitor.open(f"{FAILING_KIDNEYS}{TOO_MUCH}")
    why = page.get_by_role("region", name="Why")
    expect(why).to_contain_text(re.compile(r"Reviewed in [\d.]+ ms"))
    why.locator("li.opinion summary").first.click()
    expect(why.locator("li.opinion dl").first).to_contain_text("Facts used")
    why.get_by_text("Request (JSON)").click()
    expect(why.get_by_text('"hookInstance"')).to_be_visible()
