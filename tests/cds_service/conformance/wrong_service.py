"""Our service with something planted in it: what comes in or what goes out is changed on its way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Sent:
    """A request. `json` None: the body is no JSON object."""

    method: str
    path: str
    environ: dict[str, Any]
    body: bytes

    @property
    def json(self) -> dict[str, Any] | None:
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def is_call(self) -> bool:
        return self.method == "POST" and self.path.startswith("/cds-services/") and not self.is_feedback

    @property
    def is_feedback(self) -> bool:
        return self.method == "POST" and self.path.endswith("/feedback")


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any, status: int | None = None) -> Got:
        """The same answer with another body."""
        body = json.dumps(value).encode()
        others = [header for header in self.headers if header[0].lower() not in ("content-length", "content-type")]
        headers = [*others, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        return Got(self.status if status is None else status, headers, body)

    def with_text(self, text: str, status: int, media_type: str = "text/html") -> Got:
        """Another answer, as web frameworks write them."""
        headers = [("Content-Type", media_type), ("Content-Length", str(len(text.encode())))]
        return Got(status, headers, text.encode())


Ask = Callable[[Sent], Got]
Planted = Callable[[Sent, Ask], Got]


def nothing_planted(sent: Sent, ask: Ask) -> Got:
    """The service as it is."""
    return ask(sent)


class WrongService:
    """A WSGI application around another; `planted` decides what is done with each exchange."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.planted: Planted = nothing_planted

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        sent = Sent(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ, body)
        got = self.planted(sent, self._ask)
        start_response(f"{got.status} Planted", got.headers)
        return [got.body]

    def _ask(self, sent: Sent) -> Got:
        environ = {**sent.environ, "wsgi.input": BytesIO(sent.body), "CONTENT_LENGTH": str(len(sent.body))}
        answered: list[Any] = []
        body = b"".join(self._application(environ, lambda status, headers, _=None: answered.extend((status, headers))))
        return Got(int(answered[0][:3]), list(answered[1]), body)


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Says nothing."""


@contextmanager
def listening(make: Callable[[str], WrongService]) -> Iterator[tuple[str, WrongService]]:
    """(base address, service), made for the address it listens at."""
    holder: list[WrongService] = []
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: holder[0](environ, start), threaded=True, request_handler=_Silent
    )
    base = f"http://127.0.0.1:{server.server_port}"
    holder.append(make(base))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield base, holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# -- ways to plant something ----------------------------------------------------------------------------------------


def reading(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Hook calls are read wrongly: `change` edits what came in."""

    def planted(sent: Sent, ask: Ask) -> Got:
        value = sent.json
        if not sent.is_call or value is None:
            return ask(sent)
        change(value)
        return ask(replace(sent, body=json.dumps(value).encode()))

    return planted


def reading_bytes(old: bytes, new: bytes) -> Planted:
    """Something is taken for something else."""
    return lambda sent, ask: ask(replace(sent, body=sent.body.replace(old, new)))


def answering(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Answers to hook calls are written wrongly: `change` edits the body of a 200."""

    def planted(sent: Sent, ask: Ask) -> Got:
        got = ask(sent)
        if not sent.is_call or got.status != 200:
            return got
        value = got.json
        change(value)
        return got.with_json(value)

    return planted


def cards(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Every card is written wrongly."""
    return answering(lambda answer: [change(card) for card in answer["cards"]])


def suggestions(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Every suggestion is written wrongly."""
    return cards(lambda card: [change(suggestion) for suggestion in card.get("suggestions", ())])


def actions(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Every action is written wrongly."""
    return suggestions(lambda suggestion: [change(action) for action in suggestion["actions"]])


def links(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Every link is written wrongly."""
    return cards(lambda card: [change(link) for link in card.get("links", ())])


def discovery(change: Callable[[dict[str, Any]], Any]) -> Planted:
    """Every entry of discovery is written wrongly."""

    def planted(sent: Sent, ask: Ask) -> Got:
        got = ask(sent)
        if sent.path != "/cds-services" or sent.method != "GET":
            return got
        value = got.json
        for entry in value["services"]:
            change(entry)
        return got.with_json(value)

    return planted


def where(fits: Callable[[Sent], Any], planted: Planted) -> Planted:
    """Only some requests are treated so."""
    return lambda sent, ask: planted(sent, ask) if fits(sent) else ask(sent)


def status(code: int) -> Planted:
    """Whatever is asked gets this status, as JSON."""
    return lambda sent, ask: ask(sent).with_json({"cards": []} if code == 200 else {}, code)


def page(code: int) -> Planted:
    """Whatever is asked gets a page of a web framework."""
    return lambda sent, ask: ask(sent).with_text("<html><h1>Oops</h1></html>", code)


def turned(old: int, new: Planted) -> Planted:
    """An answer of this status becomes another."""

    def planted(sent: Sent, ask: Ask) -> Got:
        got = ask(sent)
        return new(sent, lambda _: got) if got.status == old else got

    return planted
