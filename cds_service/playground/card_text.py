"""The Markdown of a card as HTML: bold, lists, links, paragraphs and headings. Whatever else comes is shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_\[\]|~#-])|&(?P<entity>amp|lt|gt);|\*\*(?P<bold>[^*\\]+)\*\*"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<url>[^()\s]+)\)"
)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_HEADING = re.compile(r"#{1,6} ")
_BULLET = "- "


def card_html(markdown: str) -> Markup:
    """Card text as HTML; nothing of the text can become a tag, an attribute or a script."""
    return Markup("\n").join(_blocks(markdown))


def _blocks(markdown: str) -> Iterator[Markup]:
    for paragraph in re.split(r"\n\s*\n", markdown.strip()):
        for is_list, lines in groupby(paragraph.splitlines(), lambda line: line.lstrip().startswith(_BULLET)):
            if is_list:
                items = Markup("").join(Markup("<li>{}</li>").format(_inline(line.lstrip()[2:])) for line in lines)
                yield Markup("<ul>{}</ul>").format(items)
            else:
                text = _HEADING.sub("", " ".join(lines))
                yield Markup("<p>{}</p>").format(_inline(text))


def _inline(text: str) -> Markup:
    parts, end = [], 0
    for match in _INLINE.finditer(text):
        parts += [escape(text[end : match.start()]), _marked(match)]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _marked(match: re.Match[str]) -> Markup:
    if match["escaped"]:
        return escape(match["escaped"])
    if match["entity"]:
        return escape(_ENTITIES[match["entity"]])
    if match["bold"]:
        return Markup("<strong>{}</strong>").format(match["bold"])
    if urlsplit(match["url"]).scheme not in ("http", "https"):
        return escape(match[0])
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(match["url"], match["label"])
