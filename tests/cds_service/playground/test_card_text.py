"""Card text as HTML: what the cards write is shown as it is meant, and nothing else becomes markup."""

from __future__ import annotations

import json
import re

import pytest

from cds_service.hooks.markdown import escaped
from cds_service.playground.card_text import card_html
from tests.whole_requests import answer_file, stories

TAGS = {"p", "ul", "li", "strong", "a"}


def test_every_card_that_is_on_file_is_shown_without_a_trace_of_markdown() -> None:
    details = [
        card["detail"]
        for story in stories()
        for card in json.loads(answer_file(story).read_text(encoding="utf-8")).get("cards", ())
    ]
    assert len(details) > 80
    for detail in details:
        html = str(card_html(detail))
        assert set(re.findall(r"</?([a-z]+)", html)) <= TAGS
        assert html.startswith("<p><strong>Order:</strong>")
        assert "**" not in html
        assert not re.search(r"\\[*_`\[\]|~]", html)


@pytest.mark.parametrize(
    "said",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "a & b < c > d | e ~ f _g_ *h* `i` [j](javascript:alert(1)) \\k",
        "**bold**",
        "[x](/elsewhere)",
        "&lt;b&gt;",
    ],
)
def test_words_of_a_sender_are_shown_as_they_came(said: str) -> None:
    html = str(card_html(f"**Order:** {escaped(said)}"))
    assert set(re.findall(r"<([a-z]+)", html)) == {"p", "strong"}
    shown = re.sub(r"<[^>]+>", "", html)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        shown = shown.replace(entity, sign)
    assert shown == f"Order: {said}"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**A:** b\n\nc", "<p><strong>A:</strong> b</p>\n<p>c</p>"),
        ("**A:**\n- b\n- c", "<p><strong>A:</strong></p>\n<ul><li>b</li><li>c</li></ul>"),
        ("# A", "<p>A</p>"),
        ("[A](https://b.example/c)", '<p><a href="https://b.example/c" rel="noreferrer">A</a></p>'),
        ("[A](javascript:b)", "<p>[A](javascript:b)</p>"),
        ('[A](https://b.example/"c)', '<p><a href="https://b.example/&#34;c" rel="noreferrer">A</a></p>'),
        ("", ""),
    ],
)
def test_bold_lists_links_and_paragraphs_become_html(markdown: str, html: str) -> None:
    assert str(card_html(markdown)) == html
