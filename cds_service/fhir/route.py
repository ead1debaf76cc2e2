"""By which route? The words of a route element or of an instruction, else its code."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from cds_service.fhir.coding import codings, text_of

_WORDS = re.compile(
    r"(?P<subcutaneous>\b(?:sub-?cutaneous(?:ly)?|subcut|sub-?q|s\.?c\.?|s\.?q\.?|hypodermic)(?![\w.]))"
    r"|(?P<intravenous>\b(?:intravenous(?:ly)?|i\.?v\.?|ivpb)(?![\w.]))"
    r"|(?P<intramuscular>\b(?:intramuscular(?:ly)?|i\.?m\.?)(?![\w.]))"
    # a tube to the stomach or the gut takes the place of the mouth
    r"|(?P<oral>\b(?:oral(?:ly)?|by mouth|per os|p\.?o\.?|enteral(?:ly)?|(?:(?:naso|oro)-?)?gastric|nasojejunal"
    r"|gastrostomy|jejunostomy|peg|feeding tube|[gj]-tube)(?![\w.]))"
    r"|(?P<topical>\b(?:topical(?:ly)?|transdermal(?:ly)?|cutaneous|to (?:the )?skin)\b)"
    r"|(?P<other>\b(?:sublingual|buccal|rectal|vaginal|nasal|ophthalmic|otic|intrathecal|epidural|intradermal"
    r"|respiratory|nebuli[sz]\w*|inhal\w*|intraperitoneal|intra-?articular|intra-?lesional|intravitreal"
    r"|(?:left|right|both|each|affected) (?:eyes?|ears?)|(?:eye|ear|nose)[ -](?:drops?|ointment)|enemas?"
    r"|suppositor(?:y|ies)|mouthwash)\b)",
    re.IGNORECASE,
)
# SNOMED CT and HL7 v3 RouteOfAdministration codes that came without words
_CODES = {
    "26643006": "oral", "PO": "oral",
    "47625008": "intravenous", "255560000": "intravenous", "IV": "intravenous", "IVINFUS": "intravenous",
    "IVPUSH": "intravenous",
    "34206005": "subcutaneous", "SQ": "subcutaneous", "SC": "subcutaneous",
    "78421000": "intramuscular", "IM": "intramuscular",
    "6064005": "topical", "TOPICAL": "topical", "45890007": "topical",
    # enteral, by a tube to the nose, stomach or jejunum
    "417985001": "oral", "127492001": "oral", "127490009": "oral", "127491008": "oral", "418730005": "oral",
    # rectal, vaginal, nasal, eye, ear, airways, joint, epidural, intrathecal, into the skin, under the tongue, cheek
    "37161004": "other", "16857009": "other", "46713006": "other", "54485002": "other", "10547007": "other",
    "447694001": "other", "12130007": "other", "404820008": "other", "72607000": "other", "372464004": "other",
    "37839007": "other", "54471007": "other",
}  # fmt: skip


def read_route(route: Any) -> str:
    """oral, intravenous, subcutaneous, intramuscular, topical or other; empty when it is not said or not understood."""
    if not route:
        return ""
    found = route_in(text_of(route))
    if found:
        return found
    return next((_CODES[coding.code.upper()] for coding in codings(route) if coding.code.upper() in _CODES), "")


@lru_cache(maxsize=1_024)  # bounded, because texts come from outside
def route_in(text: str) -> str:
    """The one route that a text names; empty when it names none, or several."""
    named = {match.lastgroup or "" for match in _WORDS.finditer(text)} if text else set()
    return named.pop() if len(named) == 1 else ""
