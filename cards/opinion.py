"""What a rule answers: Advice, NothingToAdd or CannotTell; and what it may suggest, in clinical words."""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import NamedTuple

from cards.concepts import Code
from cards.orders import Amount


class Indicator(IntEnum):
    """How loud a card is; ordered, so that levels can be compared."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def lowered(self) -> Indicator:
        """One level lower, never below info (book 0.3)."""
        return Indicator(max(self - 1, Indicator.INFO))

    def __str__(self) -> str:
        return self.name.lower()


class RegimenLine(NamedTuple):
    """One line of a suggested dosage: `dose_mg` per administration, `per_day` times a day.

    `count` tablets or capsules of `SetDosage.product` (or of the ordered product) make the dose; None: the dose is
    written in mg. `days` bounds the line; `when` is a FHIR event timing (HS, MORN) if the source names one, and
    `times_of_day` are hours of the clock ("08:00") if it names those.
    """

    dose_mg: float
    per_day: int
    count: float | None = None  # type: ignore[assignment]  # nobody counts in a line
    days: int | None = None
    when: str | None = None
    times_of_day: tuple[str, ...] = ()


class SetDosage(NamedTuple):
    """Change the dosage of a draft. `product` replaces the ordered product; None keeps it.

    `piece` is what a count of the ordered product counts ("tablet"); empty where the order does not say.
    """

    order_id: str
    label: str
    lines: tuple[RegimenLine, ...]
    product: Code | None = None
    recommended: bool = True
    piece: str = ""


class SetDose(NamedTuple):
    """Change the dose of one administration of a draft with one line, keeping its timing: `dose` in `unit` (UCUM).

    `text` is the instruction of the line as it then reads; empty: it has none.
    """

    order_id: str
    label: str
    dose: float
    unit: str
    text: str = ""
    recommended: bool = True


class SetSchedule(NamedTuple):
    """Change when a draft is given: `frequency` times every `period` `period_unit`.

    `dose` changes too, None keeps it; `ends_refills` leaves none.
    """

    order_id: str
    label: str
    frequency: int
    period: int
    period_unit: str
    days: int | None = None
    count: int | None = None  # type: ignore[assignment]  # FHIR's own word
    text: str = ""
    recommended: bool = True
    dose: Amount | None = None
    ends_refills: bool = False


class SetProduct(NamedTuple):
    """Name another product on a draft, keeping its dosage: by `text`, with a code where there is one."""

    order_id: str
    label: str
    text: str
    code: Code | None = None
    recommended: bool = False


class SetDate(NamedTuple):
    """Plan a drafted service for another day."""

    order_id: str
    label: str
    day: date
    recommended: bool = False


class SetReason(NamedTuple):
    """State a reason on a draft: a code from the value sets, or words only (`code` None)."""

    order_id: str
    label: str
    text: str
    code: Code | None = None
    recommended: bool = True


class AddNote(NamedTuple):
    """Add a note to a draft."""

    order_id: str
    label: str
    note: str
    recommended: bool = True


class RemoveOrder(NamedTuple):
    """Take a draft out of the basket."""

    order_id: str
    label: str
    recommended: bool = False


class OrderService(NamedTuple):
    """Order a test, a procedure or a referral (`code` from the value sets; None: by `text` alone).

    `times_a_day` asks for it again and again; None: once.
    """

    label: str
    text: str
    code: Code | None = None
    urgent: bool = False
    recommended: bool = True
    times_a_day: int | None = None


class ProposeDrug(NamedTuple):
    """Draft a drug without a dose; the clinician completes it."""

    label: str
    text: str
    code: Code | None = None
    recommended: bool = False


Suggestion = (
    SetDosage
    | SetDose
    | SetSchedule
    | SetProduct
    | SetDate
    | SetReason
    | AddNote
    | RemoveOrder
    | OrderService
    | ProposeDrug
)


class Explanation(NamedTuple):
    """The four blocks of a card's detail and its line of limits (book 0.2), as plain sentences without markup."""

    order: str
    facts: tuple[str, ...]
    rule: str
    basis: str
    limits: str


class Advice(NamedTuple):
    """Something worth saying. `row` names the branch of the decision table that matched, for those who ask why.

    `before_downgrade` is the level of the row itself when 0.3 lowered it: a lowered warning still speaks where info
    rows are silent. `speaks_at_signing`: an info row that the book lets through at order-sign. `unchecked`: says that
    something could not be checked (no advice in the sense of book 0.6, "Card or 412"). `is_extreme`: so far off that it
    speaks beside a card that questions the order as a whole (book 1.10.1, "> 2 × dose"). `evidence` names an entry of
    the card's knowledge: the primary source.
    """

    summary: str
    indicator: Indicator
    explanation: Explanation
    evidence: str
    row: str
    suggestions: tuple[Suggestion, ...] = ()
    before_downgrade: Indicator | None = None
    speaks_at_signing: bool = False
    unchecked: bool = False
    is_extreme: bool = False

    @property
    def row_level(self) -> Indicator:
        """The level of the matched row, before any downgrade."""
        return self.before_downgrade or self.indicator


class NothingToAdd(NamedTuple):
    """The rule looked and is silent; `because` says why, for `--why` and the log."""

    because: str
    row: str = ""


class CannotTell(NamedTuple):
    """The rule met something unknown. `missing` names data requests; `failed` marks an error of our own.

    `book_is_silent`: the book keeps the rule silent on this unknown; otherwise it joins the collected note.
    """

    because: str
    missing: tuple[str, ...] = ()
    failed: bool = False
    book_is_silent: bool = False


Opinion = Advice | NothingToAdd | CannotTell


def lower_once(level: Indicator, reasons: tuple[str, ...]) -> tuple[Indicator, Indicator | None]:
    """(level to show, level before) after the downgrades of book 0.3: once, not cumulative, never below info."""
    return (level.lowered, level) if reasons else (level, None)
