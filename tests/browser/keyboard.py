"""A page by keyboard alone: where Tab leads, and whether one sees it."""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import Locator, Page

# What the Tab key should reach: a group of radio buttons counts once, and what is disabled or hidden not at all.
_NUMBER_CONTROLS = """() => {
  const groups = new Set();
  const shown = (one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert]');
  const all = [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex]')].filter((one) =>
    one.tabIndex >= 0 && !one.disabled && one.type !== 'hidden' && shown(one));
  const reachable = all.filter((one) => {
    if (one.type !== 'radio') return true;
    const group = `${one.form ? [...document.forms].indexOf(one.form) : ''} ${one.name}`;
    return !groups.has(group) && groups.add(group);
  });
  all.forEach((one) => {
    const first = reachable.indexOf(one);
    one.dataset.walk = first >= 0 ? first : reachable.findIndex((other) => other.name === one.name);
  });
  return reachable.map((one) => one.outerHTML.slice(0, 160));
}"""

_WHERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth;
  return {number: Number(one.dataset.walk ?? -1), html: one.outerHTML.slice(0, 160), ring, inside};
}"""


STOPS_OF_A_DATE = 5  # year, month, day and calendar have the focus one after the other


class Walk(NamedTuple):
    """What a walk with Tab showed; each control as the start of its HTML."""

    controls: list[str]
    never_reached: list[str]
    without_visible_focus: list[str]
    ends: bool


def walk(page: Page) -> Walk:
    """Presses Tab from the top of the page until the focus leaves the page or comes round."""
    controls: list[str] = page.evaluate(_NUMBER_CONTROLS)
    reached: set[int] = set()
    unseen: list[str] = []
    last = None
    for _ in range(len(controls) + 2 + STOPS_OF_A_DATE * sum('type="date"' in html for html in controls)):
        page.keyboard.press("Tab")
        where = page.evaluate(_WHERE)
        if where is None or (where["number"] in reached and where["number"] != last):
            return _walk(controls, reached, unseen, ends=True)
        if where["number"] != last and not (where["ring"] and where["inside"]):
            unseen.append(where["html"])  # the parts of a date are marked by the browser itself, inside of the field
        last = where["number"]
        reached.add(last)
    return _walk(controls, reached, unseen, ends=False)


def _walk(controls: list[str], reached: set[int], unseen: list[str], *, ends: bool) -> Walk:
    missed = [html for number, html in enumerate(controls) if number not in reached]
    return Walk(controls, missed, unseen, ends)


def tab_to(page: Page, control: Locator) -> None:
    """Presses Tab until this control has the focus. Fails when it comes round without."""
    for _ in range(300):
        if control.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {control}")
