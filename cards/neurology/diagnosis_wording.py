"""Diagnoses in one line for a card."""

from __future__ import annotations

from collections.abc import Sequence

from cards.facts import Diagnosis
from cards.wording import joined, on


def first_in_full(diagnoses: Sequence[Diagnosis], *origin: str) -> str:
    """The first one with its words, date and origin, the others by their codes."""
    first, *others = diagnoses
    name = first.code if first.code == first.display else f"{first.code} {first.display}".strip()
    codes = dict.fromkeys(d.label for d in others if d.label != first.label)
    return joined([f"{name} ({', '.join((on(first.on), *origin))})", *codes])


def coded_as(what: str, diagnoses: Sequence[Diagnosis]) -> str:
    """Each diagnosis once, with its date if it has one; empty where there are none."""
    dated = dict.fromkeys(f"{d.label} ({on(d.on)})" if d.on else d.label for d in diagnoses)
    return f"{what}: {joined(list(dated))}" if dated else ""
