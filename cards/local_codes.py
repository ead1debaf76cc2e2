"""What a site adds to the value sets: codes of its own systems, and its own names for things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from cards.coding_systems import CodingSystems, code_form, words
from cards.errors import InvalidKnowledge
from cards.value_set_files import ValueSetFile
from cards.value_set_parts import Code, Concept

SITE = "site"  # the source of what a site adds


class LocalCode(NamedTuple):
    """A code of the site. `means`: the name of a value set, or a code of a known system ("rxnorm:483438").

    `said_in`: the key or file of the site, for messages.
    """

    system: str
    code: str
    display: str
    means: str
    said_in: str


class LocalName(NamedTuple):
    """What people at the site call something. `means`: the name of a value set. `said_in`: as for a code."""

    name: str
    means: str
    said_in: str


def systems_with(systems: CodingSystems, codes: Iterable[LocalCode]) -> CodingSystems:
    """The code systems, those of the site among them, each under its own address."""
    own = {code.system for code in codes if systems.short_name(code.system) is None}
    return CodingSystems(
        {**systems.uris, **{system: system for system in own}},
        {**systems.short_names, **{system: system for system in own}},
    )


def local_files(
    concepts: Mapping[str, Concept], systems: CodingSystems, codes: Iterable[LocalCode], names: Iterable[LocalName]
) -> list[ValueSetFile]:
    """What the site adds, as files of the concepts concerned.

    Raises InvalidKnowledge for a meaning there is not, naming where the site says so.
    """
    rows: dict[str, dict[str, list[Code]]] = {}
    for local in codes:
        short = systems.short_name(local.system) or local.system
        for name, row in _meaning(concepts, systems, local):
            rows.setdefault(name, {}).setdefault(short, []).append(row)
    phrases: dict[str, list[str]] = {}
    for called in names:
        _check_known(concepts, called, called.name)
        phrase = " ".join(words(called.name))
        if not phrase:
            raise InvalidKnowledge(f"{called.said_in}: '{called.name}': a name has letters or digits")
        phrases.setdefault(called.means, []).append(phrase)
    return [
        ValueSetFile(
            name=name,
            kind=concepts[name].kind,
            path=SITE,
            text=tuple(phrases.get(name, ())),
            codes={system: tuple(found) for system, found in rows.get(name, {}).items()},
        )
        for name in dict.fromkeys((*rows, *phrases))
    ]


def _meaning(concepts: Mapping[str, Concept], systems: CodingSystems, local: LocalCode) -> Iterator[tuple[str, Code]]:
    """(value set, the local code as its row): of a code with a strength the strength too."""
    system, separator, code = local.means.partition(":")
    if not separator:
        _check_known(concepts, local, local.code)
        yield local.means, Code(local.system, local.code, local.display, True, (SITE,))
        return
    short = systems.short_name(system)
    form = None if short is None else code_form(short, code)
    found = [(name, concept.rows[form][1]) for name, concept in concepts.items() if form and form in concept.rows]
    if not found:
        raise InvalidKnowledge(f"{local.said_in}: '{local.code}' means '{local.means}': no value set holds that code")
    for name, row in found:
        yield name, replace(row, system=local.system, code=local.code, sources=(SITE,))


def _check_known(concepts: Mapping[str, Concept], local: LocalCode | LocalName, what: str) -> None:
    meant = concepts.get(local.means)
    if meant is None:
        raise InvalidKnowledge(f"{local.said_in}: '{what}' means '{local.means}': there is no such value set")
    if meant.not_read:
        why = f"no rule reads that value set ({meant.not_read}); name one that is read"
        raise InvalidKnowledge(f"{local.said_in}: '{what}' means '{local.means}': {why}")
