"""Drugs that no code of ours stands for, counted by code system: what a site maps next.

Only the code system is counted, and only in a form that can hold nothing about a patient: a short name, an OID, a host.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from cards.concepts import ValueSets
from cards.orders import Drug
from cds_service.chart.products import COVERED

NO_CODE = "no code"
OTHER = "other"
UNKNOWN, BY_NAME = "unknown_drugs", "drugs_by_name"  # members of a line of the log

_OID = re.compile(r"urn:oid:[0-9.]{3,100}")
_HOST = re.compile(r"[a-z0-9.-]{3,100}")


class Gaps(NamedTuple):
    """Orders by code system: `unknown`, nobody could tell the drug; `by_name`, it was recognised by its words only."""

    unknown: Mapping[str, int]
    by_name: Mapping[str, int]


def gaps(drugs: Iterable[Drug], value_sets: ValueSets) -> Gaps | None:
    """The ordered drugs without a code that is known; None when there are none.

    A code of a vocabulary that the value sets cover and that means nothing there is a drug of no concern, no gap.
    """
    unknown, by_name = Counter[str](), Counter[str]()
    for drug in drugs:
        if (drug.by_text or not drug.concepts) and value_sets.short_name(drug.system) not in COVERED:
            (by_name if drug.concepts else unknown)[_label(drug.system, value_sets)] += 1
    return Gaps(unknown, by_name) if unknown or by_name else None


def read_log(lines: Iterable[bytes]) -> Gaps | None:
    """The gaps of all calls of a log; lines that are none of ours are passed over. None: no line is that of a call."""
    unknown, by_name, calls = Counter[str](), Counter[str](), 0
    for line in lines:
        try:
            call = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(call, dict) and call.get("event") == "call":
            calls += 1
            unknown.update(_counted(call.get(UNKNOWN)))
            by_name.update(_counted(call.get(BY_NAME)))
    return Gaps(unknown, by_name) if calls else None


def _counted(value: object) -> dict[str, int]:
    return {k: n for k, n in value.items() if isinstance(n, int)} if isinstance(value, dict) else {}


def _label(system: str, value_sets: ValueSets) -> str:
    if not system:
        return NO_CODE
    known = value_sets.short_name(system)
    if known is not None or _OID.fullmatch(system):
        return known or system
    try:
        host = urlsplit(system).hostname or ""
    except ValueError:
        return OTHER
    return host if _HOST.fullmatch(host) else OTHER
