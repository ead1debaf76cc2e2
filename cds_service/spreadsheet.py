"""CSV that people open with a spreadsheet."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(text: str) -> str:
    """The text of a cell; what a spreadsheet would take for the beginning of a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
