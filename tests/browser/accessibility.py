"""What axe-core finds on a page: WCAG 2.2 A and AA, and its good practices."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTRAST = "color-contrast"

# A row that looks like two before it, in elements and classes, cannot differ from them in its colours. Long tables are
# nine tenths of some pages, and colours nine tenths of the time that axe takes.
_MARK_WHAT_LOOKS_THE_SAME = """() => document.querySelectorAll('tbody, ul, ol').forEach((list) => {
  const seen = new Map();
  for (const row of list.children) {
    const looks = [row, ...row.querySelectorAll('*')].map((it) => `${it.tagName}.${it.getAttribute('class')}`).join();
    seen.set(looks, (seen.get(looks) ?? 0) + 1);
    if (seen.get(looks) > 2) row.dataset.again = '';
  }
})"""


def violations(page: Page) -> list[str]:
    """Each rule that the page breaks, colours aside, with the elements that do, in words for a failing test."""
    return _run(page, runOnly=TAGS, rules={CONTRAST: {"enabled": False}})


def unreadable(page: Page) -> list[str]:
    """Text that does not stand out from its background in the colour scheme that the page is shown in."""
    page.evaluate(_MARK_WHAT_LOOKS_THE_SAME)
    return _run(page, "[data-again]", runOnly=[CONTRAST, "link-in-text-block"])


def _run(page: Page, left_out: str = "", **options: Any) -> list[str]:
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)  # as a debugger would: the page's Content-Security-Policy stays as it is
    context = {"exclude": [left_out]} if left_out else {}
    chosen = {"resultTypes": ["violations"], "preload": False, **options}
    found = page.evaluate(
        "async ([context, chosen]) => (await axe.run({include: [document], ...context}, chosen)).violations",
        [context, chosen],
    )
    return [
        f"{one['id']} ({one['help']}): {node['html'][:200]} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]
