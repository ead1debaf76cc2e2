"""A visitor of the playground: reads its pages, presses its buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"input", "meta", "link", "br", "option"}


@dataclass
class Element:
    """An element with its text."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Every element of this kind below, with these attributes (a class is one of several)."""
        found = []
        for one in self.inside:
            if one.tag == tag and all(one.has(name.rstrip("_"), value) for name, value in wanted.items()):
                found.append(one)
            found += one.all(tag, **wanted)
        return found

    def has(self, name: str, value: str) -> bool:
        given = self.attributes.get(name, "")
        return value in given.split() if name == "class" else given == value

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    @property
    def fields(self) -> dict[str, str]:
        """What a form would send as it stands."""
        sent = {one.attributes["name"]: one.attributes.get("value", "") for one in self.all("input", type="hidden")}
        for select in self.all("select"):
            options = select.all("option")
            chosen = [option for option in options if "selected" in option.attributes] or options[:1]
            if chosen:
                sent[select.attributes["name"]] = chosen[0].attributes.get("value", chosen[0].words)
        for area in self.all("textarea"):
            sent[area.attributes["name"]] = area.text
        for one in self.all("input"):
            if one.attributes.get("type") == "radio" and "checked" in one.attributes:
                sent[one.attributes["name"]] = one.attributes["value"]
            elif one.attributes.get("type", "text") in ("text", "date", "url"):
                sent[one.attributes["name"]] = one.attributes.get("value", "")
        return sent


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("page", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)
        elif tag == "option":  # closed by the next one
            self.open[-1].inside[-1] = element

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and tag not in VOID:
            if self.open.pop().tag == tag:
                break

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
        if self.open[-1].inside and self.open[-1].inside[-1].tag == "option":
            self.open[-1].inside[-1].text += data


def page_of(response: TestResponse) -> Element:
    """The page of an answer."""
    reader = _Reader()
    reader.feed(response.get_data(as_text=True))
    return reader.root


class Visitor:
    """Someone without JavaScript."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def asks(self, status: int = 200, **fields: str) -> Element:
        """Opens the page with these fields in the address."""
        return self.opens("/?" + urlencode(fields), status)

    def opens(self, address: str, status: int = 200) -> Element:
        """Opens an address of the service."""
        response = self.client.get(address)
        assert response.status_code == status, response.get_data(as_text=True)[:500]
        return page_of(response)

    def presses(self, form: Element, status: int = 303, **changed: str) -> Element:
        """Sends a form by post, and goes where it leads."""
        response = self.client.post(form.attributes["action"], data=form.fields | changed)
        assert response.status_code == status, response.get_data(as_text=True)[:500]
        if status != 303:
            return page_of(response)
        return self.opens(response.headers["Location"].partition("#")[0])


def cards_of(page: Element) -> dict[str, Element]:
    """The cards of a page by topic."""
    return {one.attributes["data-topic"]: one for one in page.all("article")}


def summary_of(card: Element) -> str:
    """What a card says in its first line."""
    return card.all("h3")[0].words


def offers_of(card: Element) -> dict[str, Element]:
    """The forms of its suggestions, by what the buttons say."""
    return {
        re.sub(r" recommended$", "", form.all("button")[0].words): form for form in card.all("form") if _offers(form)
    }


def override_of(card: Element) -> Element:
    """The form that overrides it."""
    return next(form for form in card.all("form") if not _offers(form))


def _offers(form: Element) -> bool:
    return form.attributes["action"].endswith("/apply")


def link_of(page: Element) -> str:
    """The link to this scenario, without the host."""
    [field] = [one for one in page.all("input") if one.attributes.get("id") == "link"]
    return unescape(field.attributes["value"]).partition("/?")[2]
