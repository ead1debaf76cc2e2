"""Codes and words of a FHIR element, in whichever shape they came."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

# What is read of one text and of one concept. Real senders stay far below: without bounds, a name of megabytes is
# searched for drugs word by word, and kept where words are remembered.
LONGEST_WORDS = 300  # characters of a code, a code system or a display
LONGEST_TEXT = 2_000  # characters of a text
MOST_CODINGS = 100
_HIDDEN = 4  # so many times the characters that are shown are looked at: some of them are invisible


class Coding(NamedTuple):
    """One coding as sent; empty strings where a part is missing."""

    system: str
    code: str
    display: str


def as_list(value: Any) -> list[Any]:
    """The value as a list: some senders put an object where FHIR has an array, and the reverse."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def as_dict(value: Any) -> dict[str, Any]:
    """The value as an object: the first of a list; empty when there is none."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value[0]
    return {}


def codings(concept: Any) -> tuple[Coding, ...]:
    """Every coding of a CodeableConcept, a Coding, an R5 CodeableReference, or a list of them."""
    if isinstance(concept, dict):
        inner = concept.get("coding")
        if type(inner) is not list:
            if inner is None:
                if "concept" in concept:  # R5 CodeableReference
                    return codings(concept["concept"])
                inner = concept if "code" in concept else None
            inner = as_list(inner)
        # a list, not a generator: this runs for every resource of every call
        return tuple([_coding(entry.get) for entry in inner[:MOST_CODINGS] if isinstance(entry, dict)])
    if isinstance(concept, list):
        return tuple(coding for entry in concept[:MOST_CODINGS] for coding in codings(entry))[:MOST_CODINGS]
    return ()


def _coding(part: Callable[[str], Any]) -> Coding:
    system, code, display = part("system"), part("code"), part("display")
    return Coding(
        system[:LONGEST_WORDS].strip() if isinstance(system, str) else word(system),
        code[:LONGEST_WORDS].strip() if isinstance(code, str) else word(code),
        display[:LONGEST_WORDS].strip() if isinstance(display, str) else word(display),
    )


def codings_and_text(concept: Any) -> tuple[tuple[Coding, ...], str]:
    """(`codings`, `text_of`) of a concept, for less than the two cost apart."""
    try:  # nearly always: one coding
        (coding,) = concept["coding"]
        system, code, display = coding.get("system"), coding.get("code"), coding.get("display")
        text = concept.get("text")
        if len(system or "") + len(code or "") + len(display or "") + len(text or "") > LONGEST_WORDS:
            return codings(concept), text_of(concept)  # too long to be remembered
        return _one_coding(system, code, display, text)
    except (KeyError, TypeError, ValueError, AttributeError):
        return codings(concept), text_of(concept)


@lru_cache(maxsize=4_096, typed=True)  # bounded, because codes and words come from outside
def _one_coding(system: Any, code: Any, display: Any, text: Any) -> tuple[tuple[Coding, ...], str]:
    found = Coding(word(system), word(code), word(display))
    return (found,), word(text) or found.display


def text_of(concept: Any) -> str:
    """The words of a concept: its text, else its displays; a bare string is its own text."""
    if isinstance(concept, str):
        return concept[:LONGEST_TEXT].strip()
    if isinstance(concept, list):
        return "; ".join(filter(None, map(text_of, concept[:MOST_CODINGS])))[:LONGEST_TEXT]
    if not isinstance(concept, dict):
        return ""
    text = concept.get("text")
    text = text[:LONGEST_TEXT].strip() if isinstance(text, str) else word(text)
    if text:
        return text
    if "concept" in concept:  # R5 CodeableReference
        return text_of(concept["concept"])
    return "; ".join(dict.fromkeys(coding.display for coding in codings(concept) if coding.display))[:LONGEST_TEXT]


def code_of(value: Any) -> str:
    """A code that came bare (STU3) or inside a concept (R4); the words when there is no code."""
    if isinstance(value, str):
        return value[:LONGEST_WORDS].strip()
    for coding in codings(value):
        if coding.code:
            return coding.code
    return text_of(value)


def plain(text: Any, limit: int) -> str:
    """The text on one line, fit to be shown: at most `limit` characters, nothing invisible.

    Control and zero-width characters go (Synthea writes "mL/\u200bmin"), line breaks and odd spaces become a space.
    """
    if not isinstance(text, str):
        return ""
    visible: str = text[: limit * _HIDDEN]
    if len(text) <= limit and "  " not in text and text.isprintable():
        return visible.strip()
    if not text.isprintable():
        visible = "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in visible)
    visible = " ".join(visible.split())
    return visible if len(visible) <= limit else visible[: limit - 1].rstrip() + "…"


def word(value: Any) -> str:
    """A string, or a number that stands where a string should (codes sent as 4548, a unit as 1)."""
    if isinstance(value, str):
        return value[:LONGEST_WORDS].strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
