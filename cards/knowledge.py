"""A card's knowledge: its thresholds with unit, evidence and status, as `knowledge.yaml` states them.

Tables needed by several cards stand beside the function in `pharmacology/` that serves them and are loaded by
`load_thresholds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cards import site_settings
from cards.errors import InvalidKnowledge
from cards.opinion import Indicator
from cards.orders import Hook
from cards.yaml_files import read_yaml

TOLERANCE = 1e-9  # book 1.4: values are compared unrounded, give or take the noise of arithmetic
FAMILIES = ("neuropathic_pain", "diabetes", "immunoglobulin", "immunotherapy")


class Speaks(StrEnum):
    """When a card speaks at a hook (book 0.4)."""

    ALWAYS = "always"
    COMPLETE_DOSAGE = "complete-dosage"
    WARNING_AND_UP = "warning-and-up"
    NEVER = "never"


class Concern(StrEnum):
    """What a card is about, in the order in which cards of one level are shown (book 1.10.2)."""

    CONTRAINDICATION = "contraindication"
    HBV = "HBV"
    ICI = "ICI"
    RENAL_OVERDOSE = "renal overdose"
    SCHEDULE = "schedule"
    CNS_DEPRESSION = "CNS depression"
    THROMBOSIS_RENAL_RISK = "thrombosis/renal risk"
    INDICATION = "indication"
    DOSE_RANGE = "dose range"
    OTHER = "rest"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteMaySet(_Strict):
    """The range within which a site may set a threshold."""

    min: float
    max: float


def _check_status(status: str) -> str:
    """Marks of book 0.1: V, V*, S or P, several joined by a comma."""
    if not all(mark.strip() in ("V", "V*", "S", "P") for mark in status.split(",")):
        raise ValueError("write the status as V, V*, S or P (book 0.1), several joined by a comma")
    return status


Status = Annotated[str, AfterValidator(_check_status)]


class Evidence(_Strict):
    """One source. `ref` is its number in section 8 of the book; `url` None where no address is known.

    `says` is what the source says, as one sentence for the Basis block of a card.
    """

    ref: str | None = None
    label: str
    url: str | None = None
    kind: str
    read_on: date
    says: str | None = None


class By(_Strict):
    """What a table is indexed by."""

    quantity: str
    unit: str


class Dose(NamedTuple):
    """One line of a regimen: mg per administration, times a day, for so many days, at that moment of the day."""

    mg: float
    per_day: int
    days: int | None = None
    when: str | None = None
    times_of_day: tuple[str, ...] = ()


class Band(_Strict):
    """One band of a table: starts at `from` (edge included) or `above` (edge excluded)."""

    from_: float | None = Field(None, alias="from")
    above: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    doses: tuple[Dose, ...] = ()

    @cached_property
    def edge(self) -> float:
        """Where the band starts."""
        edge = self.above if self.from_ is None else self.from_
        return 0.0 if edge is None else edge

    def holds(self, quantity: float) -> bool:
        """Does `quantity` reach this band?"""
        if self.from_ is not None:
            return quantity >= self.from_ - TOLERANCE
        return self.above is None or quantity > self.above + TOLERANCE

    @property
    def is_stated(self) -> bool:
        """Does the band state a value, or a range?"""
        return self.value is not None or self.low is not None

    @property
    def lower(self) -> float:
        """Lower end of the band's value: for "below" tests."""
        return self._required(self.low if self.value is None else self.value)

    @property
    def upper(self) -> float:
        """Upper end of the band's value: for "above" tests."""
        return self._required(self.high if self.value is None else self.value)

    def _required(self, number: float | None) -> float:
        if number is None:
            raise InvalidKnowledge(f"the band from {self.edge:g} states no value; write value, or low and high")
        return number


class Threshold(_Strict):
    """One number (`value`), or a table of bands, with unit, evidence, status; ⚙ if `site_may_set`."""

    unit: str
    value: float | None = None
    by: By | None = None
    bands: tuple[Band, ...] = ()
    evidence: str
    status: Status
    note: str | None = None
    site_may_set: SiteMaySet | None = None
    book_value: float | None = None  # what stood here before a site set `value`

    @model_validator(mode="after")
    def _one_of(self) -> Threshold:
        if (self.value is None) == (not self.bands):
            raise ValueError("write either value or bands")
        if self.bands and self.by is None:
            raise ValueError("a table says what it is by: {quantity, unit}")
        edges = [band.edge for band in self.bands]
        if edges != sorted(edges, reverse=True):
            raise ValueError("write the bands from the highest edge down")
        if self.site_may_set is not None and self.value is None:
            raise ValueError("a site may set a single value, not a table")
        if self.book_value is not None:
            raise ValueError("book_value is not for files")
        return self

    def at(self, quantity: float) -> Band:
        """The band that holds `quantity`; the lowest one when it is below every edge."""
        for band in self.bands:
            if band.holds(quantity):
                return band
        return self.bands[-1]

    @property
    def highest(self) -> Band:
        """The band with the highest edge."""
        return self.bands[0]

    @property
    def lowest(self) -> Band:
        """The band with the lowest edge."""
        return self.bands[-1]


class Link(_Strict):
    """A link of the card. `ref` is its number in section 8 of the book."""

    ref: str
    label: str
    url: str


class Reviewed(_Strict):
    """When the card was last reviewed, in which role, and when it is due again."""

    on: date
    by: str
    again_by: date


class Thresholds(_Strict):
    """Thresholds and evidence of a file; the reading part that cards and shared tables have in common."""

    thresholds: Mapping[str, Threshold] = {}
    evidence: Mapping[str, Evidence] = {}

    @model_validator(mode="after")
    def _evidence_named(self) -> Thresholds:
        for name, threshold in self.thresholds.items():
            if threshold.evidence not in self.evidence:
                raise ValueError(f"threshold '{name}' names evidence '{threshold.evidence}', which is not in evidence")
        return self

    def threshold(self, name: str) -> Threshold:
        """A threshold or table by name."""
        try:
            return self.thresholds[name]
        except KeyError:
            raise InvalidKnowledge(f"no threshold '{name}'; there are: {', '.join(sorted(self.thresholds))}") from None

    def basis(self, *names: str) -> str:
        """What these sources say, one after the other: the Basis block of a card."""
        return " ".join(self.evidence[name].says or self.evidence[name].label for name in names)

    def value(self, name: str) -> float:
        """A single number by name, in its unit."""
        found = self.thresholds.get(name) or self.threshold(name)
        value = found.value
        if value is None:
            raise InvalidKnowledge(f"threshold '{name}' is a table, not a number")
        if found.book_value is not None:
            site_settings.note(name, value, found.book_value, found.unit)
        return value

    def as_set_by_site(self, values: Mapping[str, float]) -> dict[str, Threshold]:
        """The thresholds with the site's values. Raises InvalidKnowledge for one that it may not set so."""
        changed = dict(self.thresholds)
        for name, value in values.items():
            known = self.thresholds.get(name)
            limits = known.site_may_set if known else None
            if known is None or limits is None:
                may = ", ".join(sorted(n for n, t in self.thresholds.items() if t.site_may_set)) or "none"
                raise InvalidKnowledge(f"{name}: not for a site to set; here it may set: {may}")
            if not limits.min <= value <= limits.max:
                raise InvalidKnowledge(f"{name}: write a number from {limits.min:g} to {limits.max:g} ({known.unit})")
            changed[name] = known.model_copy(update={"value": value, "book_value": known.value})
        return changed


_LEVELS = {str(level): level for level in Indicator}


class Silence(_Strict):
    """A card that this card silences (book 1.10.1); a rule id alone silences always. Critical advice is always spared.

    `from_level`: only while this card is shown at that level or above. `spares_extreme`: advice that marks itself as
    extreme is spared too. `withholds_suggestions`: what is spared is shown without its suggestions.
    """

    rule: str
    from_level: Literal["info", "warning", "critical"] = "info"
    spares_extreme: bool = False
    withholds_suggestions: bool = False

    @model_validator(mode="before")
    @classmethod
    def _rule_alone(cls, said: object) -> object:
        return {"rule": said} if isinstance(said, str) else said

    @property
    def lowest_level(self) -> Indicator:
        """The lowest level at which the card silences the other."""
        return _LEVELS[self.from_level]


Attribute = Literal[
    "race", "ethnicity", "language", "sexual_orientation", "gender_identity", "sex", "date_of_birth",
    "social_determinants", "health_status_assessments",
]  # fmt: skip


class Knowledge(Thresholds):
    """`knowledge.yaml` of one card.

    `uses`: what the rule uses of a person beside diseases, drugs and results, and for what; what is not named is not
    used (the source attributes 5 to 13 of 45 CFR 170.315(b)(11)(iv)(A)).
    """

    rule: str
    title: str
    book: str
    highest: Literal["info", "warning", "critical"]
    concern: Concern
    hooks: Mapping[Hook, Speaks]
    ages: Literal["adults", "all"] = "adults"
    in_hospice: Literal["silent", "speaks"] = "silent"
    default: Literal["on", "off"] = "on"
    triggers: tuple[str, ...]
    needs: tuple[str, ...]
    uses: Mapping[Attribute, str] = {}
    silences: tuple[Silence, ...] = ()
    one_per_call: bool = False  # two orders that share the facts get one card (book 1.10.4)
    override_reasons: tuple[str, ...]
    links: tuple[Link, ...] = ()
    reviewed: Reviewed

    @property
    def highest_level(self) -> Indicator:
        """The loudest the rule can get (book 0.8)."""
        return _LEVELS[self.highest]

    @cached_property
    def topic(self) -> str:
        """The rule id in camelCase: `source.topic.code`."""
        first, *rest = self.rule.split("-")
        return first + "".join(word.capitalize() for word in rest)


Model = TypeVar("Model", bound=Thresholds)


def load_knowledge(path: Path) -> Knowledge:
    """`knowledge.yaml` of a card. Raises InvalidKnowledge naming the file and the field."""
    return _validated(Knowledge, path)


def load_thresholds(path: Path) -> Thresholds:
    """A table shared by several cards, with the numbers of the site of this call. Raises InvalidKnowledge."""
    return site_settings.table(path) or _loaded_thresholds(path)


@cache
def _loaded_thresholds(path: Path) -> Thresholds:
    return _validated(Thresholds, path)


def _validated(model: type[Model], path: Path) -> Model:
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidKnowledge(f"{path.parent.name}/{path.name}: {field}: {first['msg']}") from error
