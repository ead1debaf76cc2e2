"""Someone with a browser, who notes what should not happen: errors in the console, requests to other hosts."""

from __future__ import annotations

import shutil
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DESKTOP, PHONE = 1200, 360  # CSS pixels across
HEIGHT = 900
PATIENCE_MS = 30_000  # of a machine that does much else besides; nothing waits as long on one that is at rest

Scheme = Literal["light", "dark"]


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium without a window. Raises RuntimeError where there is none."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise RuntimeError("no Chromium on this machine: install Debian's package chromium")
    arguments = [
        "--no-sandbox",  # Chromium has no sandbox for root, who runs a container; the pages are our own
        "--disable-dev-shm-usage",  # a container's /dev/shm of 64 MB is too small for full-page pictures
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves, not even what nobody asked for
    ]
    return playwright.chromium.launch(executable_path=found, args=arguments, timeout=2 * PATIENCE_MS)


class Visitor:
    """Opens pages of the service at `address`; each in a fresh profile. `complaints` is what went wrong meanwhile.

    A complaint that holds a text of `expected` is none: a form that is refused, say, is a 400 and so an error.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self._contexts: list[BrowserContext] = []
        self._noted: list[str] = []
        self.expected: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for context in self._contexts:
            context.close()

    @property
    def complaints(self) -> list[str]:
        """What no page may cause, in the order in which it happened."""
        return [noted for noted in self._noted if not any(text in noted for text in self.expected)]

    def open(
        self, path: str, *, scheme: Scheme = "light", width: int = DESKTOP, scripts: bool = True, **more: Any
    ) -> Page:
        """The page at this path, which must be there; `more` goes to Playwright's new_context."""
        page = self.new_page(scheme=scheme, width=width, scripts=scripts, **more)
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, f"{path}: {response.status}"
        return page

    def new_page(self, *, scheme: Scheme = "light", width: int = DESKTOP, scripts: bool = True, **more: Any) -> Page:
        """An empty page in a profile of its own."""
        context = self._browser.new_context(
            base_url=self._address,
            color_scheme=scheme,
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=scripts,
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._note_message)
        context.on("weberror", lambda error: self._noted.append(f"uncaught: {error.error}"))
        context.on("request", self._note_request)
        context.on("response", self._note_response)
        self._contexts.append(context)
        return context.new_page()

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._noted.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        there = urlsplit(request.url)
        if there.scheme != "data" and there.netloc != urlsplit(self._address).netloc:
            self._noted.append(f"request to another host: {request.url}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 500:
            self._noted.append(f"{response.status}: {urlsplit(response.url).path}")
