"""Pictures of pages, kept as build results."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

KEPT = Path(__file__).parents[2] / "build" / "screenshots"


def keep(page: Page, name: str) -> Path:
    """Takes a picture of the whole page; where it is."""
    path = KEPT / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def name_of(path: str, *how: str) -> str:
    """How the picture of the page at `path` is called: rules-mmnCorticosteroid-dark."""
    return "-".join([re.sub(r"\W+", "-", path).strip("-") or "start", *how])
