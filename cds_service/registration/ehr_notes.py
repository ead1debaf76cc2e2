"""What vendors document of registering a CDS Hooks service, by profile: `ehr_notes.toml`, each note with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from cds_service.setting_values import Section

_FILE = Path(__file__).parent / "ehr_notes.toml"

# what a field of a form can be filled with from the sheet itself
Known = Literal["hooks", "titles", "descriptions", "calls", "feedback", "audiences", "scopes", "link_addresses"]


class FormField(Section):
    """A field of the vendor's form: what fills it stands on the sheet (`from`), or comes `by` somebody as `what`.

    `says`: words of our own for a field that takes words.
    """

    field: str
    required: Literal["yes", "no", "with scopes"]
    from_: Known | None = Field(None, alias="from")
    by: str = ""
    what: str = ""
    says: str = ""

    @model_validator(mode="after")
    def _filled_in_one_way(self) -> Self:
        if sum(map(bool, (self.from_, self.by, self.says))) != 1 or bool(self.by) != bool(self.what):
            raise ValueError("write from, or by and what, or says")
        return self


class EhrNotes(Section):
    """What one vendor documents: `title` of the EHR, `source` of it all.

    `hooks`: those documented; empty: not said. `prefetch_tokens`: what templates may hold, as documented; empty: not
    said. `remarks`: on a table of the sheet, by its key. `form`: the fields of its form, in its order.
    """

    title: str
    source: str
    hooks: tuple[str, ...] = ()
    prefetch_tokens: tuple[str, ...] = ()
    remarks: Mapping[str, tuple[str, ...]] = {}
    form: tuple[FormField, ...] = ()


@cache
def ehr_notes() -> Mapping[str, EhrNotes]:
    """The notes by profile."""
    notes = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: EhrNotes.model_validate(one) for name, one in notes.items()}
