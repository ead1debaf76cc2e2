"""Which clinical concept does a code or a word mean? Look-ups in the value sets, made for the path of every call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from cards.coding_systems import CodingSystems, code_form, read_systems, unit_form, without_annotations, words
from cards.errors import InvalidKnowledge
from cards.local_codes import LocalCode, LocalName, local_files, systems_with
from cards.value_set_files import LICENSED, ValueSetFile, read_value_set
from cards.value_set_parts import Code, CodePrefix, Concept, Form, Plausible, PositiveFrom, Strength, UnitConversion
from cards.value_set_union import concepts_of
from cards.yaml_files import read_yaml

__all__ = [
    "Code",
    "CodePrefix",
    "Concept",
    "Plausible",
    "PositiveFrom",
    "Strength",
    "UnitConversion",
    "ValueSets",
    "load_value_sets",
]

VALUE_SETS = Path(__file__).parent / "value_sets"
_NOTHING: frozenset[str] = frozenset()
_UNITS = ("mg",)  # words that are a unit after a number


class ValueSets:
    """All concepts, indexed by code and by word. Answers are names to hand to `concept(name)`."""

    def __init__(
        self, files: Iterable[ValueSetFile], systems: CodingSystems, unit_aliases: Mapping[str, str] | None = None
    ) -> None:
        self._files = tuple(files)
        self._systems = systems
        self._unit_aliases = unit_aliases or {}
        self._concepts = concepts_of(self._files)
        self._units = {unit_form(written): code for written, code in self._unit_aliases.items()}
        known = {*self._units.values(), *(unit for concept in self._concepts.values() for unit in _units_of(concept))}
        self._units.update((unit, unit) for unit in known)
        self._confirmed: dict[Form, set[str]] = {}
        self._unconfirmed: dict[Form, set[str]] = {}
        self._prefixes: dict[str, list[tuple[CodePrefix, str]]] = {}
        for concept in self._concepts.values():
            self._index(concept)
        self._phrases = _Phrases(self._concepts)
        # Bounded, because codes and texts come from outside.
        self._meaning = lru_cache(maxsize=16_384)(self._find)
        self._owners = lru_cache(maxsize=2_048)(self._phrases.owners_in)
        self._doubted = lru_cache(maxsize=2_048)(self._find_doubted)

    def with_local(self, codes: Collection[LocalCode], names: Collection[LocalName]) -> ValueSets:
        """These value sets and what a site adds to them. Raises InvalidKnowledge as `local_files`."""
        systems = systems_with(self._systems, codes)
        added = local_files(self._concepts, systems, codes, names)
        return ValueSets((*self._files, *added), systems, self._unit_aliases) if added else self

    def concept(self, name: str) -> Concept:
        """The concept of this name. Raises InvalidKnowledge when there is none: a misspelt trigger or need."""
        try:
            return self._concepts[name]
        except KeyError:
            raise InvalidKnowledge(f"there is no value set '{name}' in cards/value_sets") from None

    def __contains__(self, name: object) -> bool:
        return name in self._concepts

    def __iter__(self) -> Iterator[str]:
        return iter(self._concepts)

    def __len__(self) -> int:
        return len(self._concepts)

    def coded(self, system: str | None, code: str) -> frozenset[str]:
        """Names of the concepts that a code means; empty for a code or a code system that is none of ours."""
        return self._meaning(system, code)[0]

    def unconfirmed(self, system: str | None, code: str) -> frozenset[str]:
        """Names of the concepts that a code may mean: may widen recognition, never decides alone (book 1.9)."""
        return self._meaning(system, code)[1]

    def row(self, name: str, system: str | None, code: str) -> Code | None:
        """The row of a code in a concept, with strength and hints; None when a prefix or nothing covers it."""
        short = self._systems.short_name(system)
        found = None if short is None else self.concept(name).rows.get(code_form(short, code))
        return None if found is None else found[1]

    def codes(self, name: str, system: str) -> tuple[str, ...]:
        """Codes of a concept in a system, the preferred first, unconfirmed ones too: what a search asks for."""
        short = self._systems.short_name(system)
        if short is None:
            raise InvalidKnowledge(f"there is no code system '{system}' in systems.yaml")
        return tuple(row.code for stands_in, row in self.concept(name).rows.values() if stands_in == short)

    def short_name(self, system: str | None) -> str | None:
        """The short name of a code system in any of its forms; None when it is none of ours."""
        return self._systems.short_name(system)

    def system_uri(self, system: str | None) -> str | None:
        """The URI of a code system given by short name, OID form or another form seen; None when it is none of ours."""
        short = self._systems.short_name(system)
        return None if short is None else self._systems.uris[short]

    def named(self, text: str, kinds: Collection[str]) -> frozenset[str]:
        """Names of the concepts of these kinds that a text names in whole words; the longest phrase counts."""
        return self._owners(text, frozenset(kinds))

    def called(self, text: str, kinds: Collection[str]) -> frozenset[str]:
        """Names of the concepts of these kinds that are all the text says ("reactive", not "reactive, see comment")."""
        return self._phrases.owners_of(words(text), frozenset(kinds))

    def said_of(self, name: str, text: str) -> str:
        """What a text says behind the name of a concept ("HBsAg: negative"); empty where it begins otherwise."""
        return self._phrases.behind(name, text)

    def doubted(self, text: str, kinds: Collection[str]) -> frozenset[str]:
        """Names of the concepts whose codes are not believed beside this text: it names another test, and not them."""
        return self._doubted(text, frozenset(kinds))

    def unit(self, written: str) -> str | None:
        """The UCUM code of a unit as senders write it ("mg/dl", "lbs"); None when unknown or ambiguous."""
        found = self._units.get(written)
        if found is not None:
            return found
        form = unit_form(written)
        return self._units.get(form) or self._units.get(without_annotations(form))

    def _index(self, concept: Concept) -> None:
        for form, (_, code) in concept.rows.items():
            index = self._confirmed if code.confirmed else self._unconfirmed
            index.setdefault(form, set()).add(concept.name)
        for prefix in concept.prefixes:
            self._prefixes.setdefault(prefix.start, []).append((prefix, concept.name))

    def _find(self, system: str | None, code: str) -> tuple[frozenset[str], frozenset[str]]:
        short = self._systems.short_name(system)
        if short is None or not code:
            return _NOTHING, _NOTHING
        form = code_form(short, code)
        found = set(self._confirmed.get(form, ()))
        if form[0] == "icd":
            starts = (form[1][:length] for length in range(1, len(form[1]) + 1))
            found.update(
                name for start in starts for prefix, name in self._prefixes.get(start, ()) if prefix.covers(form[1])
            )
        return frozenset(found), frozenset(self._unconfirmed.get(form, ())) - found

    def _find_doubted(self, text: str, kinds: frozenset[str]) -> frozenset[str]:
        found = self._phrases.doubted_in(text)
        return found - self._owners(text, kinds) if found else found


class _Phrases:
    """The words by which concepts are named in free text."""

    def __init__(self, concepts: Mapping[str, Concept]) -> None:
        self._concepts = concepts
        self._users = _users(concepts)
        self._phrases: dict[tuple[str, ...], set[str]] = {}
        self._vetoes: dict[tuple[str, ...], set[str]] = {}
        self._doubts: dict[tuple[str, ...], set[str]] = {}
        for concept in concepts.values():
            for phrase in concept.text:
                self._phrases.setdefault(tuple(phrase.split()), set()).add(concept.name)
            for phrase in concept.text_unless:
                self._vetoes.setdefault(tuple(phrase.split()), set()).add(concept.name)
            for phrase in concept.code_unless:
                self._doubts.setdefault(tuple(phrase.split()), set()).add(concept.name)
        self._lengths = _lengths(self._phrases)
        self._veto_lengths = _lengths(self._vetoes)
        self._doubt_lengths = _lengths(self._doubts)

    def owners_in(self, text: str, kinds: frozenset[str]) -> frozenset[str]:
        """Concepts of these kinds named in a text: read from the left, each time the longest phrase that fits."""
        found, vetoed = set[str](), set[str]()
        spoken = words(text)
        position = 0
        for start, word in enumerate(spoken):
            for length in self._veto_lengths.get(word, ()):
                vetoed |= self._vetoes.get(spoken[start : start + length], _NOTHING)
            if start < position or (word in _UNITS and start and spoken[start - 1].isdigit()):  # "20 mg, crisis"
                continue
            for length in self._lengths.get(word, ()):
                owners = self.owners_of(spoken[start : start + length], kinds)
                if owners:
                    found |= owners
                    position = start + length
                    break
        return frozenset(found - self._using(vetoed)) if vetoed else frozenset(found)

    def doubted_in(self, text: str) -> frozenset[str]:
        """Concepts beside whose codes this text has a word that makes another test of them."""
        found = set[str]()
        spoken = words(text)
        for start, word in enumerate(spoken):
            for length in self._doubt_lengths.get(word, ()):
                found |= self._doubts.get(spoken[start : start + length], _NOTHING)
        return frozenset(self._using(found))

    def behind(self, name: str, text: str) -> str:
        """The words behind the longest name of the concept with which a text begins."""
        spoken = words(text)
        for length in self._lengths.get(spoken[0], ()) if spoken else ():
            if name in self._phrases.get(spoken[:length], _NOTHING):
                return " ".join(spoken[length:])
        return ""

    def owners_of(self, spoken: tuple[str, ...], kinds: frozenset[str]) -> frozenset[str]:
        """Concepts of these kinds of which these words, all of them, are a name."""
        owners = self._phrases.get(spoken)
        if owners is None:
            return _NOTHING
        return frozenset(name for name in self._using(owners) if not kinds.isdisjoint(self._concepts[name].kinds))

    def _using(self, names: Iterable[str]) -> set[str]:
        return {user for name in names for user in self._users[name]}


def _lengths(phrases: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """Lengths of the phrases that begin with a word, the longest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()}


def _users(concepts: Mapping[str, Concept]) -> dict[str, frozenset[str]]:
    """Of each concept: itself and all that include it, directly or by way of another."""
    users: dict[str, set[str]] = {name: {name} for name in concepts}

    def note(name: str, user: str) -> None:
        for included in concepts[name].includes:
            users[included].add(user)
            note(included, user)

    for name in concepts:
        note(name, name)
    return {name: frozenset(found) for name, found in users.items()}


def _units_of(concept: Concept) -> Iterator[str]:
    yield from (conversion.code for conversion in concept.units)
    yield from concept.other_units


def load_value_sets(
    folder: Path = VALUE_SETS, *, licensed: bool = True, only: Collection[str] | None = None
) -> ValueSets:
    """The value sets of a folder, read once per process; `only` these concepts and what they include.

    Raises InvalidKnowledge naming file and field. `licensed` False leaves the folder out that some sites may not use.
    """
    return _loaded(folder, licensed, None if only is None else frozenset(only))


@cache
def _loaded(folder: Path, licensed: bool, only: frozenset[str] | None) -> ValueSets:
    systems = read_systems(read_yaml(folder / "systems.yaml"), file="systems.yaml")
    aliases = read_yaml(folder / "unit_aliases.yaml")
    paths: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/*.yaml")) + (sorted(folder.glob(f"{LICENSED}/*/*.yaml")) if licensed else []):
        paths.setdefault(path.stem, []).append(path)
    files: dict[str, list[ValueSetFile]] = {}
    wanted = sorted(paths if only is None else only)
    while wanted:
        name = wanted.pop()
        if name in files or name not in paths:
            continue
        files[name] = [read_value_set(path, systems) for path in paths[name]]
        wanted += [linked for file in files[name] for linked in (*file.includes, *file.excludes)]
    missing = sorted((only or frozenset()) - set(paths))
    if missing:
        raise InvalidKnowledge(f"there is no value set '{missing[0]}' in cards/value_sets")
    return ValueSets((file for name in paths for file in files.get(name, ())), systems, aliases)
