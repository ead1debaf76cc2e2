"""The outcomes page in a browser: behind a login, and its numbers those of its CSV; the ledger is one made by hand."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import unreadable, violations
from tests.browser.keyboard import walk
from tests.browser.pictures import keep
from tests.browser.visitor import PHONE, Visitor
from tests.cds_service.outcomes.hand_made import DAYS, put_hand_made
from tests.running_service import Service, running

PASSWORD = "the operator's"
LOGIN = {"username": "anybody", "password": PASSWORD, "send": "always"}  # what is fetched beside a page is sent it too
CHOSEN = f"/outcomes?{urlencode(DAYS)}"
SUMS = ("Shown", "Accepted", "Overridden", "Ignored", "Silent")
SITE = "ledger = {card_days = 36500, feedback_days = 36500, comment_days = 36500}\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose ledger is the one made by hand; its operator has a token."""
    folder = tmp_path_factory.mktemp("outcomes")
    put_hand_made(f"sqlite:///{folder}/ledger.sqlite3")
    (folder / "site.toml").write_text(SITE, encoding="utf-8")
    with running(folder, site=str(folder / "site.toml"), operator_token=PASSWORD) as service:
        yield service


@pytest.fixture
def operator(browser: Browser, kept: Service) -> Iterator[Visitor]:
    """The operator with a browser."""
    with Visitor(browser, kept.address) as visitor:
        yield visitor
    assert visitor.complaints == []


def table(page: Page, caption: str) -> dict[str, dict[str, str]]:
    """The rows of a table by their first cell, each cell by its column."""
    found = page.locator(f'table:has(caption:text-is("{caption}"))')
    names = found.locator("thead th").all_inner_texts()
    rows = [row.locator("th, td").all_inner_texts() for row in found.locator("tbody tr").all()]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows}


@pytest.mark.parametrize("login", [None, {**LOGIN, "password": "a guess"}], ids=["no password", "a wrong one"])
def test_without_the_password_nothing_is_shown(operator: Visitor, login: Any):
    """Asked beside a page: without a window Chromium has nobody whom it could ask for the password."""
    answer = operator.new_page(http_credentials=login).request.get(CHOSEN)
    assert answer.status == 401
    assert 'Basic realm="operator"' in answer.headers["www-authenticate"]
    assert "Cards" not in answer.text()


@pytest.mark.parametrize(("caption", "column"), [("Cards by client", "client"), ("Cards by hook", "hook")])
def test_the_numbers_are_those_of_the_csv(operator: Visitor, caption: str, column: str):
    page = operator.open(CHOSEN, http_credentials=LOGIN)
    lines = csv.DictReader(io.StringIO(page.request.get(f"/outcomes.csv?{urlencode(DAYS)}").text()))
    sums: dict[str, Counter[str]] = {}
    for line in lines:
        sums.setdefault(line[column], Counter()).update({name: int(line[name.lower()]) for name in SUMS})
    shown = {name: {sum: int(row[sum]) for sum in SUMS} for name, row in table(page, caption).items()}
    assert shown == {name: dict(sum) for name, sum in sums.items()}
    assert sum(row["Shown"] for row in shown.values()) > 0


def test_a_choice_in_the_form_narrows_the_figures(operator: Visitor):
    page = operator.open(CHOSEN, http_credentials=LOGIN)
    assert len(table(page, "Cards by hook")) == 2
    page.get_by_label("Hook", exact=True).select_option("order-select")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("hook=order-select"))
    assert list(table(page, "Cards by hook")) == ["order-select"]


def test_a_day_that_is_none_is_told_beside_its_field(operator: Visitor):
    operator.expected.append("status of 400")
    page = operator.new_page(http_credentials=LOGIN)
    page.goto("/outcomes?since=yesterday")
    field = page.get_by_label("First day")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#since-problem")).not_to_be_empty()
    assert violations(page) == []


@pytest.mark.parametrize("width", [1200, PHONE])
def test_axe_finds_nothing_where_there_are_figures(operator: Visitor, width: int):
    page = operator.open(CHOSEN, width=width, http_credentials=LOGIN)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    assert unreadable(page) == []
    keep(page, f"outcomes-figures-{width}")
    page.emulate_media(color_scheme="dark")
    assert unreadable(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    keep(page, f"outcomes-figures-dark-{width}")


def test_tab_reaches_every_control(operator: Visitor):
    way = walk(operator.open(CHOSEN, http_credentials=LOGIN))
    assert (way.never_reached, way.without_visible_focus, way.ends) == ([], [], True)


def test_without_scripts_the_page_says_the_same(operator: Visitor):
    pages = [operator.open(CHOSEN, scripts=scripts, http_credentials=LOGIN) for scripts in (True, False)]
    with_scripts, without = (page.inner_text("main") for page in pages)
    assert with_scripts == without
