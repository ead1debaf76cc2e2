"""Card text: plain sentences in, GitHub-flavoured Markdown out, with nothing in it that a client could execute."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cards.opinion import Explanation
from cards.wording import DETAIL_LIMIT

_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "`": "\\`",
        "*": "\\*",
        "_": "\\_",
        "[": "\\[",
        "]": "\\]",
        "&": "&amp;",
        "<": "&lt;",
        "|": "\\|",
        "~": "\\~",
    }
)
_ORDER_LIMIT = 350  # the words of an order are its sender's: they may not push facts, rule and basis off the card
_BELOW = re.compile(r"<(=?)\s*(?=\d)")
_BETWEEN_ANGLES = re.compile(r"<([^<>]*)>")
_SENTENCE_END = re.compile(r"(?<=\.) ")
# Where clients make a link of a bare address: a blank breaks it in every reader of Markdown, an escape only in some.
_LINK = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@\w)", re.IGNORECASE)
_MARKUP = re.compile(r"[\\`*_\[\]&<|~@]|://|www\.", re.IGNORECASE).search


def escaped(text: str) -> str:
    """Text of a sender or of a rule so that Markdown shows it as it is: no HTML, no link, no emphasis.

    No more of it than a detail has room for.
    """
    text = text[:DETAIL_LIMIT]
    if text.isprintable() and not _MARKUP(text):  # most sentences; looking is cheaper than translating
        return text.strip()
    return _LINK.sub(" ", " ".join(text.split())).translate(_ESCAPES)


def plain_line(text: str) -> str:
    """One line for fields that clients show as plain text, some of them as HTML: what opens a tag becomes round.

    A ">" that closes none stays: it is ours (">150") and does nothing by itself. A "<" before a number is a bound and
    is said in words: "IgA (0.07 g/L" would be another value.
    """
    if text.isprintable() and "<" not in text:
        return text.strip()
    worded = _BELOW.sub(lambda bound: "at most " if bound[1] else "below ", " ".join(text.split()))
    return _BETWEEN_ANGLES.sub(r"(\1)", worded).replace("<", "(")


def detail(explanation: Explanation, limit: int = DETAIL_LIMIT, options: Sequence[str] = ()) -> str:
    """The four blocks and the limits line (book 0.2), at most `limit` characters; what is dropped is said.

    The basis is shortened first, to its first sentence: source and links of the card name the rest, while a fact stands
    nowhere else. Then facts go, the last first. `options`: what is offered in words, because the client cannot carry it
    out as a suggestion.
    """
    facts = [escaped(fact) for fact in explanation.facts]
    basis = escaped(explanation.basis)
    sentences = _SENTENCE_END.split(basis)
    text = _blocks(explanation, facts, basis, options)
    while len(text) > limit and len(sentences) > 1:
        sentences.pop()
        basis = f"{' '.join(sentences)} …"
        text = _blocks(explanation, facts, basis, options)
    dropped = 0
    while len(text) > limit and facts:
        facts.pop()
        dropped += 1
        text = _blocks(explanation, [*facts, f"{dropped} more not shown"], basis, options)
    return _cut(text, limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def _blocks(explanation: Explanation, facts: list[str], basis: str, options: Sequence[str]) -> str:
    listed = "\n".join(f"- {fact}" for fact in facts) or "- none"
    offered = f"**Options:** {escaped('; '.join(options))}\n\n" if options else ""
    return (
        f"**Order:** {_cut(escaped(explanation.order), _ORDER_LIMIT)}\n\n"
        f"**Patient facts used:**\n{listed}\n\n"
        f"{offered}"
        f"**Rule:** {escaped(explanation.rule)}\n\n"
        f"**Basis:** {basis}\n\n"
        f"{escaped(explanation.limits)}"
    )
