"""Joins the files of one concept, follows what concepts include and exclude, and yields the concepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cards.coding_systems import code_form
from cards.errors import InvalidKnowledge
from cards.value_set_files import ValueSetFile
from cards.value_set_parts import Code, CodePrefix, Concept, Form


def concepts_of(files: Iterable[ValueSetFile]) -> dict[str, Concept]:
    """The concepts that the files describe. Raises InvalidKnowledge for an unknown or circular include."""
    joined: dict[str, list[ValueSetFile]] = {}
    for file in files:
        joined.setdefault(file.name, []).append(file)
    union = _Union(joined)
    return {name: union.concept(name) for name in joined}


class _Union:
    """Works out each concept once, the included ones first."""

    def __init__(self, files: Mapping[str, list[ValueSetFile]]) -> None:
        self.files = files
        self.done: dict[str, Concept] = {}
        self.open: list[str] = []

    def concept(self, name: str) -> Concept:
        if name in self.done:
            return self.done[name]
        if name in self.open:
            raise InvalidKnowledge(f"{self.files[name][0].path}: includes: circular: {' > '.join([*self.open, name])}")
        self.open.append(name)
        concept = self._work_out(name, self.files[name])
        self.open.pop()
        self.done[name] = concept
        return concept

    def _named(self, file: ValueSetFile, field: str, names: Iterable[str]) -> list[Concept]:
        for name in names:
            if name not in self.files:
                raise InvalidKnowledge(f"{file.path}: {field}: there is no value set '{name}'")
        return [self.concept(name) for name in names]

    def _work_out(self, name: str, files: list[ValueSetFile]) -> Concept:
        main = files[0]
        if not main.title:
            raise InvalidKnowledge(f"{main.path}: concept: has no file outside the folder that can be left out")
        included = [c for file in files for c in self._named(file, "includes", file.includes)]
        excluded = [c for file in files for c in self._named(file, "excludes", file.excludes)]
        taken_out = tuple(start for file in files for start in file.exclude_prefixes)
        rows = _rows(files, included)
        prefixes = [CodePrefix(start) for file in files for start in file.prefixes]
        prefixes += [prefix for concept in included for prefix in concept.prefixes]
        gone = taken_out + tuple(prefix.start for concept in excluded for prefix in concept.prefixes)
        gone_codes = {form for concept in excluded for form in concept.rows}
        if gone or gone_codes:
            rows = {form: row for form, row in rows.items() if form not in gone_codes and not _starts(form, gone)}
        return Concept(
            name=name,
            kinds=tuple(dict.fromkeys(file.kind for file in files)),
            title=main.title,
            description=main.description,
            mark=main.mark,
            not_read=main.not_read,
            unit=main.unit,
            units=main.units,
            other_units=main.other_units,
            plausible=main.plausible,
            positive=main.positive,
            unreadable_is_ignored=main.unreadable_is_ignored,
            text=tuple(dict.fromkeys(phrase for file in files for phrase in file.text)),
            text_unless=tuple(dict.fromkeys(phrase for file in files for phrase in file.text_unless)),
            code_unless=tuple(dict.fromkeys(phrase for file in files for phrase in file.code_unless)),
            includes=tuple(dict.fromkeys(c.name for c in included)),
            rows=rows,
            prefixes=tuple(_without(prefixes, gone, {code for space, code in gone_codes if space == "icd"})),
            exclude_prefixes=taken_out,
            products=main.products,
        )


def _rows(files: Iterable[ValueSetFile], included: Iterable[Concept]) -> dict[Form, tuple[str, Code]]:
    """Rows by form, first come first kept: the concept's own before those of the concepts it includes."""
    rows: dict[Form, tuple[str, Code]] = {}
    for file in files:
        for system, codes in file.codes.items():
            for code in codes:
                rows.setdefault(code_form(system, code.code), (system, code))
    for concept in included:
        for form, row in concept.rows.items():
            rows.setdefault(form, row)
    return rows


def _starts(form: Form, gone: tuple[str, ...]) -> bool:
    return form[0] == "icd" and form[1].startswith(gone)


def _without(prefixes: Iterable[CodePrefix], gone: tuple[str, ...], gone_codes: set[str]) -> Iterable[CodePrefix]:
    """The prefixes less what starts as one of `gone` and less single codes."""
    for prefix in dict.fromkeys(prefixes):
        if prefix.start.startswith(gone):
            continue
        less = tuple(start for start in (*gone, *sorted(gone_codes)) if start.startswith(prefix.start))
        yield replace(prefix, unless=(*prefix.unless, *less)) if less else prefix
