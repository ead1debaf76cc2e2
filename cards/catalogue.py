"""The cards there are, found by their folders and indexed by what triggers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from cards.errors import InvalidKnowledge
from cards.facts import DataRequest, Facts
from cards.knowledge import Knowledge, Speaks, load_knowledge, load_thresholds
from cards.opinion import Opinion
from cards.orders import Hook
from cards.yaml_files import read_yaml

HERE = Path(__file__).parent

Advise = Callable[[Any, Facts, Knowledge], Opinion]  # Any: an OrderedDrug or an OrderedService, as its triggers say


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """One rule of the book: its folder, its knowledge, its function.

    `is_silent`: it is asked as ever, and whatever it says is shown to nobody.
    """

    family: str
    name: str
    knowledge: Knowledge
    advise: Advise
    question: str
    is_silent: bool = False

    @property
    def rule(self) -> str:
        """Rule id of the book, kebab-case."""
        return self.knowledge.rule

    def with_knowledge(self, **changes: Any) -> Card:
        """The same rule with other knowledge."""
        return replace(self, knowledge=self.knowledge.model_copy(update=changes))

    def silenced(self) -> Card:
        """The same card, silent: asked, never shown."""
        return self if self.is_silent else replace(self, is_silent=True)

    def off_at(self, hook: Hook) -> Card:
        """The same card, never asked at this hook."""
        return self.with_knowledge(hooks={**self.knowledge.hooks, hook: Speaks.NEVER})

    def speaking_at_signing(self) -> Card:
        """The same card for a site that uses order-sign only: what is said while choosing is said on signing too.

        Info rows of the rules on the choice of a product, and all rows of those that speak while choosing only (0.4).
        """
        if self.knowledge.hooks[Hook.ORDER_SELECT] is not Speaks.ALWAYS:
            return self
        return self.with_knowledge(hooks={**self.knowledge.hooks, Hook.ORDER_SIGN: Speaks.ALWAYS})

    def speaks_at(self, hook: Hook) -> bool:
        """Can this card say anything at this hook?"""
        return self.knowledge.hooks.get(hook, Speaks.NEVER) is not Speaks.NEVER


class Catalogue:
    """All cards, by trigger and hook."""

    def __init__(self, cards: Iterable[Card], requests: Mapping[str, DataRequest]) -> None:
        self.cards = tuple(sorted(cards, key=lambda card: card.rule))
        self.requests = requests
        self._by_trigger: dict[tuple[Hook, str], tuple[Card, ...]] = {}
        # Bounded; there are as many combinations as there are kinds of drugs.
        self._triggered = lru_cache(maxsize=1_024)(self._triggered_by)
        self._needed = lru_cache(maxsize=1_024)(self._needs)
        self._choices = lru_cache(maxsize=64)(self._less)
        self._silences = lru_cache(maxsize=64)(self._silencing)
        for card in self.cards:
            self._check(card)
            for hook in Hook:
                if card.speaks_at(hook):
                    for trigger in card.knowledge.triggers:
                        self._by_trigger[hook, trigger] = (*self._by_trigger.get((hook, trigger), ()), card)

    def triggered_by(self, concepts: Iterable[str], hook: Hook) -> tuple[Card, ...]:
        """Cards that could speak at `hook` about a drug of these value sets, by rule id."""
        return self._triggered(frozenset(concepts), hook)

    def needs(self, cards: Iterable[Card]) -> tuple[str, ...]:
        """The data requests that these cards declare, in the order of `data_requests.yaml`."""
        return self._needed(tuple(cards))

    def _triggered_by(self, concepts: frozenset[str], hook: Hook) -> tuple[Card, ...]:
        found: dict[str, Card] = {}
        for concept in concepts:
            for card in self._by_trigger.get((hook, concept), ()):
                found[card.rule] = card
        return tuple(found[rule] for rule in sorted(found))

    def _needs(self, cards: tuple[Card, ...]) -> tuple[str, ...]:
        declared = {need for card in cards for need in card.knowledge.needs}
        return tuple(name for name in self.requests if name in declared)

    def without(self, rules: Iterable[str]) -> Catalogue:
        """The catalogue less some rules, as a site or a client may choose; the same one for the same rules."""
        left_out = frozenset(rules)
        return self._choices(left_out) if left_out else self

    def _less(self, left_out: frozenset[str]) -> Catalogue:
        return Catalogue((card for card in self.cards if card.rule not in left_out), self.requests)

    def silencing(self, rules: Iterable[str]) -> Catalogue:
        """The catalogue with some rules silent, as a client may choose; the same one for the same rules."""
        silent = frozenset(rules)
        return self._silences(silent) if silent else self

    def _silencing(self, silent: frozenset[str]) -> Catalogue:
        return self.each(lambda card: card.silenced() if card.rule in silent else card)

    def each(self, change: Callable[[Card], Card]) -> Catalogue:
        """The catalogue with every card changed so, as a site may choose."""
        return Catalogue(map(change, self.cards), self.requests)

    def _check(self, card: Card) -> None:
        unknown = [need for need in card.knowledge.needs if need not in self.requests]
        if unknown:
            raise InvalidKnowledge(f"{card.name}/knowledge.yaml: needs {unknown}: not in data_requests.yaml")


@cache
def load_data_requests() -> Mapping[str, DataRequest]:
    """`data_requests.yaml`, in its order."""
    requests = {}
    for name, entry in read_yaml(HERE / "data_requests.yaml").items():
        entry = {**entry, "concepts": tuple(entry.get("concepts", ()))}
        try:
            requests[name] = DataRequest(name=name, **entry)
        except TypeError as error:
            raise InvalidKnowledge(f"data_requests.yaml: {name}: {error}") from error
    return requests


def shared_tables() -> dict[str, Path]:
    """The tables that cards share, by their name: "renal_function", "body_size" …"""
    rooms = [room for room in HERE.iterdir() if room.is_dir() and room.name != "value_sets"]
    files = [path for room in rooms for path in room.rglob("*.yaml") if not (path.parent / "rule.py").exists()]
    return {path.stem: path for path in sorted(files)}


@cache
def load_catalogue() -> Catalogue:
    """Every card folder of the house. Raises InvalidKnowledge naming the file at fault.

    The tables that cards share are read here too: a broken one is to stop the start, not a rule.
    """
    for path in shared_tables().values():
        load_thresholds(path)
    return Catalogue(
        (_load_card(path.parent) for path in sorted(HERE.glob("*/*/rule.py"))),
        load_data_requests(),
    )


def _load_card(folder: Path) -> Card:
    family, name = folder.parent.name, folder.name
    knowledge = load_knowledge(folder / "knowledge.yaml")
    if knowledge.rule.replace("-", "_") != name:
        raise InvalidKnowledge(f"{family}/{name}/knowledge.yaml: rule is '{knowledge.rule}'; the folder says '{name}'")
    module = import_module(f"cards.{family}.{name}.rule")
    question = (module.__doc__ or "").strip().splitlines()
    return Card(family, name, knowledge, module.advise, question[0] if question else "")
