"""python -m tests.browser.screenshots: the pictures of the README, in docs/images, taken anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.visitor import Visitor, launch
from tests.running_service import running

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 200_000  # a reader of the README waits for each of them


def _rule_page(visitor: Visitor) -> Page:
    return visitor.open("/rules/gabapentinDoseExceedsRenalMax")


SUBJECTS: dict[str, Callable[[Visitor], Page]] = {"rule-page": _rule_page}


def main() -> None:
    """Takes each picture. Raises RuntimeError when one is too large for a README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, subject in SUBJECTS.items():
            with Visitor(browser, service.address) as visitor:
                path = IMAGES / f"{name}.png"
                subject(visitor).screenshot(path=path, animations="disabled")
                if path.stat().st_size > MOST_BYTES:
                    raise RuntimeError(f"{path.name} has more than {MOST_BYTES} bytes")
                print(path)
        browser.close()


if __name__ == "__main__":
    main()
