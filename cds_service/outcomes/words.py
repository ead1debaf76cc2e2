"""The words in which the page speaks of rules, reasons, weeks and rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cds_service import unknowns
from cds_service.hooks.response import COULD_NOT_CHECK
from cds_service.outcomes.counts import NO_CODE, OTHER_CODES, Code

NOT_KNOWN = "–"
_NOTE = "Could not be checked (a note of the service's own)"

_WHY: Mapping[str, str] = {
    "not-supplied": "data neither prefetched nor fetched",
    "no-access": "no access to the FHIR server was given",
    "not-allowed": "the FHIR server is none of those that may be called",
    "refused": "the FHIR server refused the access",
    "not-found": "the FHIR server did not find it",
    "late": "the FHIR server answered too late",
    "unreachable": "the FHIR server could not be reached",
    "not-trusted": "the certificate of the FHIR server was not trusted, or it speaks no TLS of today",
    "not-accepted": "the FHIR server did not accept the query",
    "server-failed": "the FHIR server failed",
    "redirected": "the FHIR server sent elsewhere",
    "too-large": "the FHIR server's answer was too large",
    "unreadable": "the data could not be read",
    "incomplete": "the data came in part only",
    unknowns.OTHER_PATIENT: "the data were another patient's",
    unknowns.ORDER_UNCLEAR: "the order is not clear enough",
    unknowns.VALUE_UNCLEAR: "a value on the chart is missing or not clear enough",
    unknowns.RULE_FAILED: "the rule itself failed; the log has the place",
    unknowns.OTHER: "another reason",
}


class Words:
    """Names of rules by topic, words of override reasons by code."""

    def __init__(self, titles: Mapping[str, str], override_reasons: Mapping[str, str]) -> None:
        self._titles = titles
        self._override_reasons = override_reasons

    def rule(self, topic: str) -> str:
        """What a rule is called; one that is no longer here by its topic."""
        return _NOTE if topic == COULD_NOT_CHECK[0] else self._titles.get(topic, topic)

    def reason(self, code: Code, displays: Mapping[Code, str]) -> str:
        """An override reason in words: ours, another system's, or that there was none."""
        if code == NO_CODE:
            return "No reason chosen (a comment alone, or nothing)"
        if code == OTHER_CODES:
            return "More codes of other systems, not told apart"
        if code[0]:
            return displays.get(code) or "(no words sent)"
        return self._override_reasons.get(code[1], code[1])

    def given(self, reason: Mapping[str, Any]) -> str:
        """One reason of a feedback, as it is written in the ledger."""
        if reason["is_known"]:
            return self._override_reasons.get(reason["code"], reason["code"])
        return str(reason["display"] or reason["code"])

    def why(self, reason: str) -> str:
        """Why a rule could not tell."""
        return _WHY.get(reason, reason)


def spelt(code: Code) -> str:
    """A code with its system, when that is not ours."""
    return "|".join(filter(None, code))


def day_of_year(of: date) -> str:
    """15 Jun."""
    return f"{of.day} {of:%b}"


def week(monday: date) -> str:
    """The ISO name of a week: 2026-W25."""
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"


def number(value: int) -> str:
    """12,345."""
    return f"{value:,}"


def share(value: float | None) -> str:
    """45.5 % on one line; a dash when there is nothing to take a share of."""
    return NOT_KNOWN if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def rate(value: float | None) -> str:
    """Cards per 100 calls: 4.17; a dash when no calls were counted."""
    return NOT_KNOWN if value is None else f"{value:.2f}"
