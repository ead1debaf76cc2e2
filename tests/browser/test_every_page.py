"""Every page for people, in a real browser: sound, accessible, readable on a phone, without scripts, by keyboard.

That nothing is asked of another host and that the console stays silent is seen to wherever a page is opened: see
`visitor`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessibility import unreadable, violations
from tests.browser.keyboard import walk
from tests.browser.pictures import keep, name_of
from tests.browser.site_map import EVERY_PAGE, IN_DETAIL
from tests.browser.visitor import DESKTOP, HEIGHT, PHONE, Scheme, Visitor
from tests.running_service import Service

_WIDER_THAN_THE_WINDOW = """() => {
  const across = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth <= across ? [] : [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > across + 1).map((one) => one.outerHTML.slice(0, 160));
}"""


def words_of(page: Page) -> list[str]:
    """What the page says, the buttons aside that are good for nothing but a script, and times taken."""
    page.evaluate("document.querySelectorAll('button[type=button]').forEach((one) => one.remove())")
    return re.sub(r"[\d.]+ ms", "", "\n".join([page.title(), page.inner_text("h1"), page.inner_text("main")])).split()


@pytest.fixture(scope="module", params=EVERY_PAGE)
def page(request: pytest.FixtureRequest, browser: Browser, service: Service) -> Iterator[Page]:
    """One page after the other; each is opened once for all that is looked for in it."""
    with Visitor(browser, service.address) as visitor:
        yield visitor.open(request.param)
    assert visitor.complaints == []


@pytest.fixture
def narrow(page: Page) -> Iterator[Page]:
    """The page on a phone."""
    page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    yield page
    page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})


@pytest.fixture
def dark(page: Page) -> Iterator[Page]:
    """The page for someone who likes it dark."""
    page.emulate_media(color_scheme="dark")
    yield page
    page.emulate_media(color_scheme="light")


def test_axe_finds_nothing(page: Page):
    assert violations(page) == []


def test_text_stands_out_in_light(page: Page):
    assert unreadable(page) == []


def test_text_stands_out_in_the_dark(dark: Page):
    assert unreadable(dark) == []


def test_tab_reaches_every_control_shows_where_it_is_and_is_not_caught(page: Page):
    way = walk(page)
    assert way.controls
    assert way.never_reached == []
    assert way.without_visible_focus == []
    assert way.ends


def test_nothing_has_to_be_scrolled_sideways_on_a_phone(narrow: Page):
    assert narrow.evaluate(_WIDER_THAN_THE_WINDOW) == []


@pytest.mark.parametrize("path", IN_DETAIL)
def test_axe_finds_nothing_on_a_phone(visitor: Visitor, path: str):
    assert violations(visitor.open(path, width=PHONE)) == []


@pytest.mark.parametrize("path", IN_DETAIL)
def test_the_page_says_the_same_without_scripts(visitor: Visitor, path: str):
    assert words_of(visitor.open(path, scripts=False)) == words_of(visitor.open(path))


@pytest.mark.parametrize("path", IN_DETAIL)
def test_the_first_tab_offers_to_skip_the_menu(visitor: Visitor, path: str):
    page = visitor.open(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') === null")


@pytest.mark.parametrize("path", IN_DETAIL)
@pytest.mark.parametrize(("scheme", "width"), [("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE)])
def test_a_picture_is_kept_of_the_page(visitor: Visitor, path: str, scheme: Scheme, width: int):
    kept = keep(visitor.open(path, scheme=scheme, width=width), name_of(path, scheme, str(width)))
    assert kept.read_bytes().startswith(b"\x89PNG")


def test_every_page_that_the_menu_or_another_page_leads_to_is_tried_here(service: Service):
    """Without the browser, which would take its time over so many links; what is there to be saved is no page."""
    found, to_read = {"/"}, ["/"]
    while to_read:
        path = to_read.pop()
        targets = re.findall(r'<a [^>]*href="([^"#?]+)', service.ask("GET", path).text)
        linked = {urlsplit(urljoin(path, target)) for target in targets}
        own = {link.path for link in linked if not link.netloc and not link.path.startswith("/value-sets/")}
        new = {path for path in own - found if not path.endswith((".html", ".csv", ".json", ".txt"))}
        pages = {path for path in new if service.ask("GET", path).text.startswith("<!doctype html>")}
        found |= pages
        to_read += pages
    assert found == set(EVERY_PAGE)
