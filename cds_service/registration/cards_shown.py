"""What comes back: topics, override reasons, links, and what cards suggest as this client takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from cards.catalogue import Card
from cards.knowledge import Speaks
from cards.orders import Hook
from cards.suggested_orders import AT_MOST
from cards.wording import SUMMARY_LIMIT
from cds_service.client_ways import Ways
from cds_service.hooks.client_suggestions import ACTIONS
from cds_service.hooks.response import COULD_NOT_CHECK
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.running import Running
from cds_service.registration.sheet import ITEMS, Column, Row, Table, exact

_SOURCE = "source"
_LINK = "link"
_SYSTEM = Column("system", "System")


def answers(running: Running, counterpart: Counterpart) -> Table:
    """How an answer is built for this client."""
    chosen, site = counterpart.client.answers, running.site.cards
    rows: list[Row] = [
        ("selectionBehavior", exact(chosen.selection_behavior), ""),
        ("Suggestions on a card", f"at most {AT_MOST}", _actions_each(chosen.several_actions)),
        (
            "Cards in an answer",
            f"at most {site.at_most}",
            f"at most {site.at_most_info} of them info; warning and critical are never dropped",
        ),
        ("indicator", exact("info", "warning", "critical"), ""),
        ("summary", f"at most {SUMMARY_LIMIT} characters", "plain text"),
        ("detail", "Markdown without HTML and without tables", "meaning never depends on formatting"),
        ("Links", exact("absolute"), "no SMART app is launched, nothing launches by itself"),
        ("systemActions", "an empty list on order-sign" if chosen.system_actions else "none", ""),
        ("uuid", "on every card and every suggestion", "feedback names them"),
        (
            "Feedback",
            "accepted and overridden cards",
            "one or many in a message; reasons of the EHR's own are kept too",
        ),
    ]
    for system, spelling in sorted(chosen.code_systems.items()):
        rows.append((f"Spelling of {system}", exact(spelling), "in what suggestions write"))
    return Table("answers", "Cards as this client gets them", "", ITEMS, tuple(rows))


def actions(running: Running, counterpart: Counterpart) -> Table:
    """What taking a suggestion does, and what is said in words because the client cannot do it."""
    chosen = counterpart.client.answers
    rows = tuple(
        (exact(f"{action} {kind}"), "yes" if chosen.can(action, kind) else "no: said in the text of the card instead")
        for action, kind in ACTIONS
    )
    says = (
        "Nothing changes before the clinician takes a suggestion. Update and delete concern draft orders of the call."
    )
    columns = (Column("action", "Action and resource type"), Column("suggested", "Suggested"))
    return Table("actions", "Actions of suggestions", says, columns, rows)


def topics(running: Running, counterpart: Counterpart) -> Table:
    """Each rule's topic code, which never changes."""
    columns = (
        Column("code", "Topic code"),
        Column("display", "Display"),
        Column("highest", "Highest level"),
        *(Column(hook.value.replace("-", "_"), f"At {hook}") for hook in Hook),
    )
    rows: list[Row] = [
        (
            exact(card.knowledge.topic),
            exact(card.knowledge.title),
            card.knowledge.highest,
            *(_at(hook, card, counterpart.ways) for hook in Hook),
        )
        for card in running.cards(counterpart.ways)
    ]
    if running.site.cards.could_not_check != "off":
        code, display = COULD_NOT_CHECK
        at = ("always" if hook is Hook.ORDER_SIGN else "never" for hook in Hook)
        rows.append((exact(code), exact(display), "info", *at))
    says = "card.source.topic, one code for each rule, letters and digits only. An EHR can tell rules apart by it."
    shared = ((_SYSTEM, exact(running.vocabulary.topic_system)),)
    return Table("topics", "Topic codes", says, columns, tuple(rows), shared)


def _at(hook: Hook, card: Card, ways: Ways) -> str:
    """When a card speaks to this client at a hook."""
    speaks = card.knowledge.hooks.get(hook, Speaks.NEVER)
    if speaks is not Speaks.NEVER and (card.is_silent or card.rule in ways.silent):
        return "silent: asked, kept in the ledger, never shown"
    return speaks.replace("-", " ")


def override_reasons(running: Running, counterpart: Counterpart) -> Table:
    """Every override reason that a card of this client offers."""
    vocabulary = running.vocabulary
    offered: dict[str, list[str]] = defaultdict(list)
    for card in running.cards(counterpart.ways):
        for code in card.knowledge.override_reasons:
            offered[code].append(card.knowledge.topic)
    columns = (
        Column("code", "Code"),
        Column("display", "Display"),
        Column("topics", "On cards of the topics"),
    )
    rows = tuple(
        (exact(code), exact(display), ", ".join(offered[code]))
        for code, display in vocabulary.override_reasons.items()
        if code in offered
    )
    says = "card.overrideReasons: to be mapped where an EHR has reasons of its own. The codes never change."
    shared = ((_SYSTEM, exact(vocabulary.override_system)),)
    return Table("override_reasons", "Override reasons", says, columns, rows, shared)


def link_hosts(running: Running, counterpart: Counterpart) -> Table:
    """The hosts of all addresses on cards."""
    uses: dict[str, set[str]] = defaultdict(set)
    for address, use in _addresses(running, counterpart):
        uses[urlsplit(address).hostname or ""].add(use)
    columns = (Column("host", "Host"), Column("use", "On a card as"))
    rows = tuple((exact(host), " and ".join(sorted(uses[host]))) for host in sorted(uses))
    says = "For an EHR's list of allowed links. No address is ever built from what a call brings."
    return Table("link_hosts", "Hosts of links", says, columns, rows)


def links(running: Running, counterpart: Counterpart) -> Table:
    """Every address on cards."""
    uses: dict[str, set[str]] = defaultdict(set)
    for address, use in _addresses(running, counterpart):
        uses[address].add(use)
    columns = (Column("address", "Address"), Column("use", "On a card as"))
    rows = tuple((exact(address), " and ".join(sorted(uses[address]))) for address in sorted(uses))
    says = "For an EHR that allows whole addresses only."
    return Table("links", "Addresses of links", says, columns, rows)


def link_addresses(running: Running, counterpart: Counterpart) -> tuple[str, ...]:
    """Every address on cards, each once."""
    return tuple(sorted({address for address, _ in _addresses(running, counterpart)}))


def _addresses(running: Running, counterpart: Counterpart) -> Iterator[tuple[str, str]]:
    """(address, what it stands as) for every card that this client gets."""
    rule_pages = running.vocabulary.rule_pages
    for card in running.cards(counterpart.ways):
        for link in card.knowledge.links:
            yield link.url, _LINK
        if rule_pages:
            yield f"{rule_pages}/{card.knowledge.topic}", _SOURCE
        else:
            yield from ((one.url, _SOURCE) for one in card.knowledge.evidence.values() if one.url)


def _actions_each(are_several: bool) -> str:
    return "orders to be created together are one of them" if are_several else "one action each"
