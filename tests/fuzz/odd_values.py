"""Values that readers of FHIR and JSON stumble over, each from something seen or known to break programs."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

PLANTED = "Zq7Planted"  # stands in texts of our making: no error may repeat it

_TEXTS = (
    "", " ", "\t\n", "\x00", f"{PLANTED}\x00tail", "\x7f\x1b[31m", "\u200b\u200e", "\ufeff", "\u2028", "\U0001f48a",
    "e\u0301" * 40, "İıſ", "ﷺ" * 30, "\u0001", "%s%n{0}{{context.patientId}}", "../../etc/passwd", "..%2f..%2f", "/",
    "//", "?", "#", "a/b?c=d&e=f#g", "%00", "%0d%0aX: y", "\r\nSet-Cookie: a=b", "http://169.254.169.254/latest/",
    "urn:uuid:", "urn:oid:", "#", "#contained", "Patient/", "/Patient", "Patient/../Patient/1", "Group/1",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![](http://x)", "```",
    "| a | b |", "**bold**", "&lt;b&gt;", "null", "undefined", "NaN", "true", "0", "-1", "1e999999", "0x10", "1,000.5",
    "x" * 300, "very long name " * 200, "75 mg " * 400, "take 1 tab " * 300, "1" * 400, "," * 3000, "[" * 3000,
    "order-sign", "MedicationRequest", "Bundle", "OperationOutcome", "entered-in-error", "active", "draft",
    PLANTED, f"{PLANTED} 100 MG Oral Capsule", f"take 1 {PLANTED} twice daily",
)  # fmt: skip
_DATES = (
    "0000", "0001", "0001-01-01", "9999", "9999-12-31", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00", "2026-02-29", "2024-02-29", "2026-06", "2026-13", "2026-00-00", "1900-01-01",
    "2016-12-31T23:59:60Z", "2026-06-15T24:00:00Z", "2026-06-15T25:61:61Z", "2026-06-15T12:00:00", "2026-06-15 12:00",
    "2026-06-15T12:00:00+99:99", "2026-W25-1", "2026-166", "15.06.2026", "06/15/2026", "20260615", "-2026-06-15",
    "+12026-06-15", "2026-06-15T12:00:00.123456789123456789Z", "tomorrow", "10000-01-01", "٢٠٢٦-٠٦-١٥",
)  # fmt: skip
_NUMBERS: tuple[Any, ...] = (
    0, -0.0, 1, -1, 0.1, 1e-300, 5e-324, 1e300, 1.7976931348623157e308, -1e308, 2**31, 2**53, 2**63 - 1, 2**64 - 1,
    -(2**63), 10**9, 36_499, 36_500, 999_999_999, 0.30000000000000004, 1e15, 1e16, 1e22, 3.999999999,
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": ""},
    {"resourceType": []},
    [1, "a", None],
)
_UNITS = (
    "mg",
    "g",
    "mg/d",
    "%",
    "{pill}",
    "mg/m2",
    "mL",
    "h",
    "µg",
    "",
    "kg",
    "tablet",
    "1",
    "a",
    "Mo",
    "mo",
    "10*9/L",
)


def odd_text(random: Random) -> str:
    """A text: something to stumble over, a date, a unit, or letters at random."""
    kind = random.random()
    if kind < 0.55:
        return random.choice(_TEXTS)
    if kind < 0.8:
        return random.choice(_DATES)
    if kind < 0.9:
        return random.choice(_UNITS)
    return "".join(
        chr(random.choice((random.randrange(32, 127), random.randrange(0x250)))) for _ in range(random.randrange(40))
    )


def odd_number(random: Random) -> Any:
    """A number at the edge of something, or any other."""
    return random.choice(_NUMBERS) if random.random() < 0.8 else random.uniform(-1e4, 1e4)


def odd_value(random: Random) -> Any:
    """A value of any type."""
    return random.choice((odd_text, odd_number, lambda r: deepcopy(r.choice(_OTHERS))))(random)


def near(text: str, random: Random) -> str:
    """A text like this one: cut, doubled, in other letters, with something between."""
    place = random.randrange(len(text) + 1)
    return random.choice(
        (
            text[:place],
            text + text,
            text.upper(),
            text[::-1],
            f" {text} ",
            f"{text[:place]}{odd_text(random)}{text[place:]}",
            f"{PLANTED} {text}",
            text.replace("/", "//"),
        )
    )
