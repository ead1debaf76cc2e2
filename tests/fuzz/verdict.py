"""What every answer has to be, whatever was asked: cards as the specification wants them, or a bare reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.fuzz.examples import Example
from tests.fuzz.odd_values import PLANTED

MOST_SECONDS = 2.0
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch
_TOPIC = re.compile(r"[A-Za-z0-9]{1,100}").fullmatch


def faults_of(sent: Example, status: int, media_type: str, body: bytes, seconds: float) -> list[str]:
    """What is wrong with an answer; empty when nothing is."""
    return list(_faults(sent, status, media_type, body, seconds))


def _faults(sent: Example, status: int, media_type: str, body: bytes, seconds: float) -> Iterator[str]:
    if status >= 500:
        yield f"status {status}"
    if 300 <= status < 400 and status != 304:
        yield f"redirect {status}"
    if seconds > MOST_SECONDS:
        yield f"took {seconds:.1f} s"
    path = sent.path.partition("?")[0]
    if not body or path == "/" or path.startswith("/static/"):
        return
    if "json" not in media_type:
        yield f"media type {media_type}"
        return
    try:
        answer = json.loads(body.decode(), parse_constant=_refuse)
    except ValueError:
        yield "no strict JSON"
        return
    if status >= 400:
        yield from _faults_of_outcome(answer, body)
    elif path.startswith("/cds-services/") and not path.endswith("/feedback") and sent.method == "POST":
        yield from _faults_of_cards(answer)


def _refuse(name: str) -> None:
    raise ValueError(name)


def _faults_of_outcome(answer: Any, body: bytes) -> Iterator[str]:
    if not isinstance(answer, dict) or answer.get("resourceType") != "OperationOutcome":
        yield "no OperationOutcome"
        return
    if any(not issue.get("severity") or not issue.get("code") for issue in answer["issue"]) or not answer["issue"]:
        yield "an issue without severity or code"
    if PLANTED.encode() in body or b"Traceback" in body or b"<" in body:
        yield "the error repeats what was sent, or holds a trace or markup"
    yield from _empty_members(answer)


def _faults_of_cards(answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict) or not isinstance(answer.get("cards"), list):
        yield "no cards"
        return
    if set(answer) != {"cards"}:
        yield "members beside cards"
    ids = [one.get("uuid") for card in answer["cards"] for one in (card, *card.get("suggestions", ()))]
    if not all(isinstance(one, str) and _UUID(one) for one in ids) or len(set(ids)) != len(ids):
        yield "a uuid is missing, no uuid or there twice"
    for card in answer["cards"]:
        yield from _faults_of_card(card)


def _faults_of_card(card: dict[str, Any]) -> Iterator[str]:
    summary, detail = card.get("summary"), card.get("detail", "")
    if not isinstance(summary, str) or not 0 < len(summary) < 140 or not summary.isprintable() or "<" in summary:
        yield "summary"
    if not isinstance(detail, str) or len(detail) > 1_200 or re.search(r"<|(?<!\\)\]\(", detail):
        yield "detail"
    if card.get("indicator") not in ("info", "warning", "critical"):
        yield "indicator"
    source = card.get("source", {})
    topic = source.get("topic", {})
    if not source.get("label") or not topic.get("system") or not _TOPIC(topic.get("code", "")):
        yield "source"
    if "url" in source and urlsplit(source["url"]).scheme != "https":
        yield "source.url"
    if any(
        not one.get("code") or not one.get("system") or not one.get("display")
        for one in card.get("overrideReasons", ())
    ):
        yield "overrideReasons"
    if any(
        link.get("type") != "absolute" or not link.get("label") or not link.get("url") for link in card.get("links", ())
    ):
        yield "links"
    if ("suggestions" in card) != (card.get("selectionBehavior") in ("any", "at-most-one")):
        yield "selectionBehavior"
    for suggestion in card.get("suggestions", ()):
        yield from _faults_of_suggestion(suggestion)
    yield from _empty_members(card)


def _faults_of_suggestion(suggestion: dict[str, Any]) -> Iterator[str]:
    if not suggestion.get("label") or "<" in suggestion["label"] or not suggestion.get("actions"):
        yield "suggestion"
    for action in suggestion.get("actions", ()):
        kind, resource = action.get("type"), action.get("resource")
        if not action.get("description"):
            yield "an action without description"
        if kind == "delete":
            if resource is not None or not re.fullmatch(r"(?s)\w+/.+", action.get("resourceId", "")):
                yield "delete"
        elif kind not in ("create", "update") or not isinstance(resource, dict) or not resource.get("resourceType"):
            yield "action"


def _empty_members(value: Any, name: str = "") -> Iterator[str]:
    """Members that are null or empty; a resource that a sender's own draft is in may hold his."""
    if value is None or value == "" or value == [] or value == {}:
        yield f"empty member {name}"
    if name == "resource":
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _empty_members(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _empty_members(inner, name)
