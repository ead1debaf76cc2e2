"""How the code systems are named by senders, and the form in which codes and words are compared.

Nothing here knows a clinical concept: `icd-10-cm`, `E11.42` and `e1142` are brought to one form, no more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from cards.errors import InvalidKnowledge

_ICD = frozenset({"icd-10-cm", "icd-10"})
_ICD_MARKS = "X*+†"  # after a code: the filler of a short one ("R33.X"), and the signs of the two codes of a pair
_CASE_MATTERS = frozenset({"interpretation"})
# An edition of SNOMED CT and its version: the codes are the same ones.
_SNOMED_EDITION = re.compile(r"(http://snomed\.info/sct)(?:/\d+)?(?:/version/\d+)?")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_WORD = re.compile(r"[^\W_]+")
_ANNOTATION = re.compile(r"(?<=[\w%\]])\{(?![^{}]*m2)[^{}]*\}")  # behind a unit: alone it is one ("{tablet}")
_NDC_PARTS = {(5, 4, 2): (0, 0), (4, 4, 2): (1, 0), (5, 3, 2): (0, 1), (5, 4, 1): (0, 0)}


@dataclass(frozen=True, slots=True)
class CodingSystems:
    """The code systems of `systems.yaml`: short name → URI, and every form seen → short name."""

    uris: Mapping[str, str]
    short_names: Mapping[str, str]

    def short_name(self, system: str | None) -> str | None:
        """Short name of a system given by URI, OID form or short name; None when it is none of ours."""
        if not system:
            return None
        found = self.short_names.get(system)
        return found if found is not None else self.short_names.get(_system_form(system))


def read_systems(entries: object, *, file: str) -> CodingSystems:
    """The code systems of one parsed `systems.yaml`. Raises InvalidKnowledge naming the system."""
    if not isinstance(entries, dict) or not entries:
        raise InvalidKnowledge(f"{file}: expected a mapping of short names to code systems")
    uris: dict[str, str] = {}
    short_names: dict[str, str] = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("uri"), str):
            raise InvalidKnowledge(f"{file}: system '{name}' has no uri")
        uris[name] = entry["uri"]
        for form in (name, entry["uri"], *entry.get("aliases", ())):
            for written in (form, _system_form(form)):
                if short_names.setdefault(written, name) != name:
                    raise InvalidKnowledge(f"{file}: '{form}' stands under '{short_names[written]}' and '{name}'")
    return CodingSystems(uris, short_names)


def _system_form(system: str) -> str:
    # Senders differ in https, a closing slash, urn:oid: and case; the identity of these systems does not.
    form = system.strip().lower().rstrip("/").removeprefix("urn:oid:")
    form = "http://" + form[8:] if form.startswith("https://") else form
    edition = _SNOMED_EDITION.fullmatch(form)
    return edition[1] if edition else form


def code_form(system: str, code: str) -> tuple[str, str]:
    """(space of comparison, code in the form compared) of a code in the system of this short name.

    ICD-10 of the WHO and ICD-10-CM are compared in one space, upper case, without the dot and without what only marks
    the code ("R33.X", "G63.2*"): what both print means the same, and senders outside the US use either URI. An NDC is
    compared by labeler and product, nine digits.
    """
    if system in _ICD:
        return "icd", code.strip().upper().replace(".", "").rstrip(_ICD_MARKS)
    if system == "ndc":
        return "ndc", ndc_labeler_and_product(code)
    return system, code.strip() if system in _CASE_MATTERS else code.strip().upper()


def ndc_labeler_and_product(code: str) -> str:
    """First nine digits of the 11-digit form of an NDC; '' when the form does not tell where they end."""
    parts = code.strip().split("-")
    if not all(part.isdigit() for part in parts):
        return ""
    if len(parts) == 1:
        return code.strip()[:9] if len(code.strip()) in (9, 11) else ""
    if len(parts) == 2:  # labeler and product without the package
        return parts[0].zfill(5) + parts[1].zfill(4) if len(parts[0]) <= 5 and len(parts[1]) <= 4 else ""
    return parts[0].zfill(5) + parts[1].zfill(4) if tuple(map(len, parts)) in _NDC_PARTS else ""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, lower case, without accents, signs and characters that do not show."""
    visible = unicodedata.normalize("NFKD", text.translate(_INVISIBLE)).casefold()
    return tuple(_WORD.findall("".join(mark for mark in visible if not unicodedata.combining(mark))))


def unit_form(unit: str) -> str:
    """A unit as compared: no blanks or invisible characters, the micro sign as u, raised figures as figures."""
    plain = unicodedata.normalize("NFKC", unit.translate(_INVISIBLE)).replace("\u03bc", "u")
    return "".join(plain.split())


def without_annotations(unit: str) -> str:
    """A UCUM unit less its annotations, which do not change it: "%{HbA1c}" is "%"; "{1.73_m2}" does and stays."""
    return _ANNOTATION.sub("", unit)
