"""Opinions become cards: what is shown, word for word as CDS Hooks 2.0.1 wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cards.catalogue import Card, Catalogue
from cards.consult import Considered
from cards.opinion import Advice, CannotTell, Explanation
from cards.orders import Hook
from cards.wording import joined, shortened
from cds_service.clients import Answers
from cds_service.hooks.client_suggestions import AS_SPECIFIED, offers_in_words
from cds_service.hooks.identifier import new_uuid
from cds_service.hooks.markdown import detail, plain_line
from cds_service.hooks.suggestions import Check, Occasion, write_suggestions

CouldNotCheck = Literal["on", "off", "every"]
COULD_NOT_CHECK = ("couldNotCheck", "Could not be checked")  # topic and words of the note on what could not be checked


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The code systems of topics and override reasons, and the words of each reason.

    `rule_pages`: where a page on each rule is, by topic; empty where clients cannot reach it over https.
    """

    topic_system: str
    override_system: str
    override_reasons: Mapping[str, str]
    rule_pages: str = ""
    publisher: str = "Neuropathy ordering safety"


class ResponseWriter:
    """Writes answers; what is the same on every card of a rule is prepared once."""

    def __init__(
        self,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        could_not_check: CouldNotCheck = "on",
        check: Check | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._could_not_check = could_not_check
        self._check = check
        self._overrides = {card.rule: self._override_reasons(card) for card in catalogue.cards}
        self._topics = {c.rule: self._topic(c.knowledge.topic, c.knowledge.title) for c in catalogue.cards}
        self._links = {card.rule: _links(card) for card in catalogue.cards}

    def write(
        self,
        considered: tuple[Considered, ...],
        occasion: Occasion,
        hook: Hook,
        unread_orders: int = 0,
        answers: Answers = AS_SPECIFIED,
    ) -> dict[str, Any]:
        """The answer: cards most urgent first, then the note on what could not be checked.

        `unread_orders` counts drafts whose drug nobody could tell: they were not reviewed. `answers`: as the client
        wants them.
        """
        cards = [
            self._card(one, one.opinion, occasion, answers)
            for one in considered
            if one.is_shown and isinstance(one.opinion, Advice)
        ]
        if hook is Hook.ORDER_SIGN:
            cards.extend(self._note(considered, unread_orders))
            if answers.system_actions:
                return {"cards": cards, "systemActions": []}
        return {"cards": cards}

    def _card(self, one: Considered, advice: Advice, occasion: Occasion, answers: Answers) -> dict[str, Any]:
        card = one.card
        written: dict[str, Any] = {
            "uuid": new_uuid(),
            "summary": shortened(plain_line(advice.summary)),
            "detail": detail(advice.explanation, options=offers_in_words(one.suggestions, answers)),
            "indicator": str(advice.indicator),
            "source": self._source(card, advice),
        }
        suggestions = write_suggestions(one.suggestions, occasion, self._check, answers)
        if suggestions:
            written["suggestions"] = suggestions
            written["selectionBehavior"] = answers.selection_behavior
        if self._overrides[card.rule]:
            written["overrideReasons"] = self._overrides[card.rule]
        if self._links[card.rule]:
            written["links"] = self._links[card.rule]
        return written

    def _source(self, card: Card, advice: Advice) -> dict[str, Any]:
        evidence = card.knowledge.evidence[advice.evidence]
        source: dict[str, Any] = {"label": evidence.label}
        url = f"{self._vocabulary.rule_pages}/{card.knowledge.topic}" if self._vocabulary.rule_pages else evidence.url
        if url:
            source["url"] = url
        source["topic"] = self._topics[card.rule]
        return source

    def _topic(self, code: str, display: str) -> dict[str, str]:
        return {"system": self._vocabulary.topic_system, "code": code, "display": display}

    def _override_reasons(self, card: Card) -> list[dict[str, str]]:
        vocabulary = self._vocabulary
        return [
            {"system": vocabulary.override_system, "code": code, "display": vocabulary.override_reasons[code]}
            for code in card.knowledge.override_reasons
        ]

    def _note(self, considered: tuple[Considered, ...], unread_orders: int) -> list[dict[str, Any]]:
        """One info card for every rule that could not tell and has no row of its own for it (topic couldNotCheck)."""
        unchecked = [
            (one, one.opinion)
            for one in considered
            if isinstance(one.opinion, CannotTell)
            and not one.is_silent
            and (self._could_not_check == "every" or not one.opinion.book_is_silent)
        ]
        if not (unchecked or unread_orders) or self._could_not_check == "off":
            return []
        drugs = joined(sorted({one.order.name for one, _ in unchecked}))
        facts = [f"{one.card.knowledge.title}: {opinion.because}" for one, opinion in unchecked]
        said = [f"{drugs.capitalize()}: {_counted(len(unchecked), 'check')} could not be made"] if unchecked else []
        if unread_orders:
            said.append(f"{_counted(unread_orders, 'order')} not reviewed: the drug could not be read")
            facts.append(f"{said[-1]}, neither in the order nor in a Medication that it refers to")
        explanation = Explanation(
            order=drugs or "an order without a readable drug",
            facts=tuple(facts),
            rule="What met something unknown says nothing; this silence is no all-clear.",
            basis="Note of this service, no rule of the book.",
            limits="A missing answer is not a finding.",
        )
        return [
            {
                "uuid": new_uuid(),
                "summary": shortened(plain_line("; ".join(said))),
                "detail": detail(explanation),
                "indicator": "info",
                "source": {
                    "label": self._vocabulary.publisher,
                    "topic": self._topic(*COULD_NOT_CHECK),
                },
            }
        ]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _links(card: Card) -> list[dict[str, str]]:
    return [{"label": link.label, "url": link.url, "type": "absolute"} for link in card.knowledge.links]
