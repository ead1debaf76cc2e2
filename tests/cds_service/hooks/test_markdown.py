"""Text of a sender reaches a card as text: no HTML, no link, no emphasis, on one line."""

from __future__ import annotations

import pytest

from cards.opinion import Explanation
from cards.wording import DETAIL_LIMIT
from cds_service.hooks.markdown import detail, escaped, plain_line


def explained(**changes: object) -> Explanation:
    parts = {"order": "an order", "facts": ("a fact",), "rule": "a rule", "basis": "a basis", "limits": "limits"}
    return Explanation(**(parts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)>"),
        ("[click](javascript:alert(1))", "\\[click\\](javascript:alert(1))"),
        ("**bold** _em_ `code`", "\\*\\*bold\\*\\* \\_em\\_ \\`code\\`"),
        ("a | b\nsecond line", "a \\| b second line"),
        ("back\\slash", "back\\\\slash"),
        ("see https://evil.example/x?a=b", "see https: //evil.example/x?a=b"),
        ("HTTP://evil.example and ftp://evil.example", "HTTP: //evil.example and ftp: //evil.example"),
        ("www.evil.example, WWW.evil.example", "www .evil.example, WWW .evil.example"),
        ("mailto:a.b+c@evil.example, xmpp:a_b@evil.example", "mailto:a.b+c @evil.example, xmpp:a\\_b @evil.example"),
        ("at 8:00 // 20:00, 2 mg @ night", "at 8:00 // 20:00, 2 mg @ night"),
    ],
)
def test_markup_is_shown_and_does_nothing(text: str, written: str) -> None:
    assert escaped(text) == written


def test_an_ampersand_entity_of_a_sender_is_not_decoded() -> None:
    assert escaped("&lt;script&gt;") == "&amp;lt;script&amp;gt;"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a <b>\n c", "a (b) c"),
        ("<<b>>", "((b)>"),
        ("<img src=x onerror=alert(1)", "(img src=x onerror=alert(1)"),  # a tag that the page would close
        ("CrCl >150 mL/min", "CrCl >150 mL/min"),
        ("IgA deficiency (IgA <0.07 g/L)", "IgA deficiency (IgA below 0.07 g/L)"),
        ("Last HbA1c <= 4 %", "Last HbA1c at most 4 %"),
        ("<b>CrCl</b> >150 mL/min", "(b)CrCl(/b) >150 mL/min"),
    ],
)
def test_a_plain_line_opens_no_tag_and_has_no_line_break(text: str, written: str) -> None:
    assert plain_line(text) == written


def test_the_detail_has_the_four_blocks_of_the_book_and_the_limits_line() -> None:
    text = detail(explained(facts=("first", "second")))
    assert text.split("\n\n") == [
        "**Order:** an order",
        "**Patient facts used:**\n- first\n- second",
        "**Rule:** a rule",
        "**Basis:** a basis",
        "limits",
    ]


def test_a_detail_without_facts_says_so() -> None:
    assert "- none" in detail(explained(facts=()))


def test_facts_that_do_not_fit_are_counted() -> None:
    """CRD-09."""
    text = detail(explained(facts=tuple(f"fact number {n} of a very long list" for n in range(100))))
    assert len(text) <= DETAIL_LIMIT
    assert "more not shown" in text
    assert text.endswith("limits")


def test_the_basis_is_shortened_before_a_fact_is_dropped() -> None:
    text = detail(explained(facts=("fact " * 30,) * 4, basis="First source. " + "Another source. " * 60))
    assert len(text) <= DETAIL_LIMIT
    assert text.count("\n- fact") == 4
    assert "more not shown" not in text
    assert "**Basis:** First source. Another source." in text
    assert text.endswith("Another source. …\n\nlimits")


def test_facts_are_dropped_where_the_first_sentence_of_the_basis_leaves_no_room() -> None:
    text = detail(explained(facts=("fact " * 40,) * 10, basis="First source. Second source."))
    assert len(text) <= DETAIL_LIMIT
    assert "more not shown" in text
    assert "**Basis:** First source. …\n\nlimits" in text


def test_a_detail_that_is_too_long_without_facts_is_cut_at_a_word() -> None:
    text = detail(explained(facts=(), basis="word " * 400))
    assert len(text) <= DETAIL_LIMIT
    assert text.endswith("word…")


@pytest.mark.parametrize("order", ["word " * 300, "<&" * 600, "&lt;" * 300])
def test_a_long_order_leaves_room_for_facts_rule_and_basis(order: str) -> None:
    """Book 0.2: four blocks, whatever a sender writes into an instruction."""
    text = detail(explained(order=order))
    assert len(text) < 500
    assert "…\n\n**Patient facts used:**\n- a fact\n\n**Rule:** a rule\n\n**Basis:** a basis\n\nlimits" in text


def test_options_that_cannot_be_clicked_are_said_and_escaped_within_the_limit() -> None:
    text = detail(explained(), options=["Order *this*", "Order that"])
    assert "**Options:** Order \\*this\\*; Order that\n\n" in text
    assert "**Options:**" not in detail(explained())
    assert len(detail(explained(facts=("fact " * 40,) * 20), options=["an option"])) <= DETAIL_LIMIT
