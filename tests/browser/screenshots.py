"""python -m tests.browser.screenshots: the pictures of the README, in docs/images, taken anew."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from tests.browser.sample_ledger import DAYS, SITE, put_sample
from tests.browser.visitor import DESKTOP, Visitor, launch
from tests.running_service import running

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 200_000  # a reader of the README waits for each of them
SUBJECTS = {  # name: (path, pixels down)
    "playground": ("/", 820),
    "rule-page": ("/rules/gabapentinDoseExceedsRenalMax", 1000),
    "outcomes": (f"/outcomes?{urlencode(DAYS)}", 1000),
    "sheet": ("/sheet", 1000),
}


def main() -> None:
    """Takes each picture. Raises RuntimeError when one is too large for a README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        put_sample(f"sqlite:///{folder}/ledger.sqlite3")
        (folder / "site.toml").write_text(SITE, encoding="utf-8")
        browser = launch(playwright)
        with running(folder, site=str(folder / "site.toml")) as service, Visitor(browser, service.address) as visitor:
            for subject in SUBJECTS:
                _take(visitor, subject)
        browser.close()


def _take(visitor: Visitor, subject: str) -> None:
    path, height = SUBJECTS[subject]
    page = visitor.open(path)
    page.set_viewport_size({"width": DESKTOP, "height": height})
    image = IMAGES / f"{subject}.png"
    page.screenshot(path=image, animations="disabled")
    if image.stat().st_size > MOST_BYTES:
        raise RuntimeError(f"{image.name} has {image.stat().st_size} bytes, more than {MOST_BYTES}")
    print(image)


if __name__ == "__main__":
    main()
