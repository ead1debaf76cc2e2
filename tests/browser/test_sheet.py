"""The registration sheet in a browser: chosen for an EHR, its values copied, its downloads those of the choice."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_whoever_chooses_an_ehr_gets_its_sheet_and_downloads(visitor: Visitor, scripts: bool):
    page = visitor.open("/sheet", scripts=scripts)
    choice = page.get_by_label("For an EHR")
    name = choice.locator("option").nth(1).get_attribute("value")
    choice.select_option(name)
    page.get_by_role("button").first.click()
    expect(page.get_by_label("For an EHR")).to_have_value(str(name))
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert download.value.suggested_filename == f"registration-sheet-{name}.json"
    assert json.loads(download.value.path().read_text(encoding="utf-8"))


def test_a_value_is_copied_letter_by_letter(visitor: Visitor):
    page = visitor.open("/sheet", permissions=["clipboard-read", "clipboard-write"])
    value = page.locator("code.exact").first.inner_text()
    page.locator("button.copy").first.click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == value


def test_where_nothing_may_be_copied_the_value_is_selected(visitor: Visitor):
    page = visitor.open("/sheet")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator("button.copy").first.click()
    expect(page.get_by_role("status")).to_contain_text("Selected")
    assert page.evaluate("String(getSelection())") == page.locator("code.exact").first.inner_text()
