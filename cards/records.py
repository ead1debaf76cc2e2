"""What is on record about a patient, in clinical words: one frozen record for each thing known."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum, StrEnum
from typing import NamedTuple

from cards.orders import Drug, MedicationOrder, OrderOnRecord, ServiceOrder


class State(Enum):
    """What is known about an answer (book 0.6)."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Sex(StrEnum):
    """Sex as the clearance formula needs it (book 1.2)."""

    FEMALE = "female"
    MALE = "male"


class Finding(StrEnum):
    """Outcome of a qualitative test (book 1.9)."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INDETERMINATE = "indeterminate"


class Posture(StrEnum):
    """Position of the body in which a vital sign was measured, as far as the rules tell positions apart."""

    LYING = "lying"
    UPRIGHT = "upright"


class Patient(NamedTuple):
    """Demographics. `birth_date` None: not recorded. A partial date counts as its earliest day."""

    birth_date: date | None = None
    sex: Sex | None = None
    is_deceased: bool = False


class Encounter(NamedTuple):
    """The encounter of the hook."""

    is_inpatient: bool = False
    is_hospice: bool = False
    is_palliative: bool = False
    is_surgical: bool = False


class Measurement(NamedTuple):
    """A laboratory result or vital sign, in its concept's unit.

    `value` None with a `finding`: a qualitative result. `comparator` ("<", "<=", ">=", ">") makes `value` a bound.
    `received` is the result as it came ("221 umol/L"). `unreadable` says why it cannot be used ("no unit" …); such a
    result is never skipped in favour of an older one. `is_pending`: ordered or preliminary, no result yet.
    `upper_limit` is the upper end of the laboratory's own reference range; None when it sent none. `posture` None: not
    stated. `by_text`: the test was recognised by its name only.
    """

    concept: str
    on: date | None = None
    at: datetime | None = None
    value: float | None = None
    unit: str = ""
    comparator: str = ""
    finding: Finding | None = None
    received: str = ""
    unreadable: str = ""
    is_pending: bool = False
    is_stated: bool = False
    code: str = ""
    display: str = ""
    performer: str = ""
    upper_limit: float | None = None
    posture: Posture | None = None
    by_text: bool = False


class Diagnosis(NamedTuple):
    """A problem, an encounter diagnosis or a stated reason. Refuted and mistaken entries never get here.

    `is_current`: active, recurring, relapsed or without a status; else it is history. `is_suspected`: provisional or
    unconfirmed. `by_text`: recognised by words only. `grade` is 1-4 when a severity is recorded. `has_unread_onset`:
    an onset is stated that cannot be read, so that it may have begun long before it was recorded. `is_unread`: a
    stated reason that could not be read, so that it may be any.
    """

    concepts: frozenset[str] = frozenset()
    code: str = ""
    display: str = ""
    is_current: bool = True
    is_suspected: bool = False
    clinical_status: str = ""
    onset_on: date | None = None
    recorded_on: date | None = None
    ended_on: date | None = None
    grade: int | None = None
    by_text: bool = False
    is_stated_reason: bool = False
    has_unread_onset: bool = False
    is_unread: bool = False

    def is_a(self, *concepts: str) -> bool:
        """Does the diagnosis belong to any of these value sets?"""
        return not self.concepts.isdisjoint(concepts)

    @property
    def on(self) -> date | None:
        """Onset, else the date of recording."""
        return self.onset_on or self.recorded_on

    def began_after(self, day: date) -> bool | None:
        """Did it begin after a day? None: not known."""
        if self.on is None or (self.has_unread_onset and self.on > day):
            return None
        return self.on > day

    @property
    def label(self) -> str:
        """A code that people read (ICD-10: E11.42), else the words, else whatever code there is."""
        reads = self.code[:1].isalpha()
        return self.code if reads else self.display or self.code


class Administration(NamedTuple):
    """A dose given (administration), handed out (dispense) or reported (statement)."""

    drug: Drug
    kind: str = "administration"
    given_on: date | None = None
    ended_on: date | None = None
    is_intended: bool = False


class Procedure(NamedTuple):
    """Something done to the patient."""

    concepts: frozenset[str] = frozenset()
    display: str = ""
    code: str = ""
    done_on: date | None = None
    is_done: bool = True
    by_text: bool = False


class Allergy(NamedTuple):
    """A recorded allergy or intolerance, refuted ones left out.

    `is_high_risk` is its criticality; None: not stated. `reactions` are the sender's words, `reaction_concepts` what
    they mean ("anaphylaxis"). `by_text`: the substance was recognised by words only.
    """

    concepts: frozenset[str] = frozenset()
    drug_concepts: frozenset[str] = frozenset()
    display: str = ""
    code: str = ""
    is_active: bool = True
    is_high_risk: bool | None = None
    reactions: tuple[str, ...] = ()
    recorded_on: date | None = None
    reaction_concepts: frozenset[str] = frozenset()
    by_text: bool = False


Record = (
    Patient
    | Encounter
    | Measurement
    | Diagnosis
    | MedicationOrder
    | OrderOnRecord
    | ServiceOrder
    | Administration
    | Procedure
    | Allergy
)
