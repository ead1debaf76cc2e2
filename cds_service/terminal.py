"""Cards, opinions and rules as a person reads them in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cards.catalogue import Card
from cards.consult import Considered
from cards.opinion import Advice, CannotTell
from cards.orders import Hook
from cds_service.unmapped_drugs import Gaps

_READ = frozenset({"MedicationRequest", "ServiceRequest"})
COLOURS = {"critical": "red", "warning": "yellow", "info": "cyan"}


def show_answer(console: Console, answer: dict[str, Any]) -> None:
    """The cards of an answer, or that there are none."""
    if not answer["cards"]:
        console.print("No cards. (Silence is no approval.)")
    for card in answer["cards"]:
        console.print(_card(card))


def show_nobody_asked(console: Console, gaps: Gaps | None, kinds: Collection[str]) -> None:
    """That no rule had a say in these drafts, so that a slip of the pen does not pass for an order that is fine."""
    if _READ.isdisjoint(kinds):
        console.print(f"No order that is read here came: {' or '.join(sorted(_READ))} of FHIR R4.")
        return
    known = "; its name or code is not known here" if gaps is not None and gaps.unknown else ""
    console.print(f"No rule asks about an order of this drug{known}.")


def show_opinions(console: Console, considered: Iterable[Considered]) -> None:
    """Every opinion with its reason, silent and cannot-tell ones too."""
    console.print("Why", style="bold")
    for one in considered:
        opinion, because = _opinion(one)
        console.print(Text(f"{one.card.rule}, {one.order.name}: {opinion}"))
        console.print(_indented(Text(because)))


def show_rules(console: Console, cards: Iterable[Card], today: date) -> None:
    """The cards with hooks, triggers, level, needs and review dates; an overdue review is marked."""
    for card in cards:
        knowledge = card.knowledge
        due = knowledge.reviewed.again_by
        console.print(
            f"[bold]{card.rule}[/] (book {knowledge.book}, at most {_coloured(knowledge.highest)}"
            f"{', silent: never shown' if card.is_silent else ''})",
            highlight=False,
        )
        console.print(_indented(Text(card.question)))
        rows = Table.grid(padding=(0, 2))
        rows.add_row("hooks", ", ".join(hook for hook in Hook if card.speaks_at(hook)))
        rows.add_row("triggers", ", ".join(knowledge.triggers))
        rows.add_row("needs", ", ".join(knowledge.needs))
        rows.add_row("review", f"due {due}{' [red]overdue[/]' if due < today else ''}")
        console.print(_indented(rows), "")


def _indented(shown: RenderableType) -> Padding:
    return Padding(shown, (0, 0, 0, 2), expand=False)


def show_gaps(console: Console, gaps: Gaps) -> None:
    """Orders whose drug no known code stands for, by code system; what a site maps first stands first."""
    table = Table(title="Orders without a drug code that is known", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("code system", overflow="fold")
    for heading in ("drug not recognised", "recognised by name only"):
        table.add_column(heading, justify="right")
    total = Counter(gaps.unknown) + Counter(gaps.by_name)
    for system, _ in total.most_common():
        table.add_row(Text(system), str(gaps.unknown.get(system, 0)), str(gaps.by_name.get(system, 0)))
    if not table.row_count:
        console.print("No gaps: every ordered drug had a code that is known.")
        return
    console.print(table)
    console.print(
        "A drug recognised by name only reaches warning at most. Map codes in the site file: [terminology.codes]",
        markup=False,
    )


def _coloured(level: str) -> str:
    return f"[{COLOURS[level]}]{level}[/]"


def _card(card: dict[str, Any]) -> Panel:
    level = card["indicator"]
    parts: list[Any] = [Text(card["summary"], style="bold"), Text(), Markdown(card.get("detail", ""))]
    for suggestion in card.get("suggestions", ()):
        mark = "recommended" if suggestion["isRecommended"] else "possible"
        parts.append(Text(f"[{mark}] {suggestion['label']}"))
    reasons = [reason["display"] for reason in card.get("overrideReasons", ())]
    if reasons:
        parts.append(Text(f"to override: {'; '.join(reasons)}", style="dim"))
    parts.extend(Text(f"{link['label']}: {link['url']}", style="dim") for link in card.get("links", ()))
    title = f"{_coloured(level)} {card['source']['topic']['code']}"
    return Panel(Group(*parts), title=title, subtitle=escape(card["source"]["label"]), border_style=COLOURS[level])


def _opinion(one: Considered) -> tuple[str, str]:
    kind, because = _kind(one)
    return (f"silent: {kind}" if one.is_silent else kind), because


def _kind(one: Considered) -> tuple[str, str]:
    match one.opinion:
        case Advice() as advice:
            said = f"{advice.indicator}, row {advice.row}" if advice.row else str(advice.indicator)
            return (f"kept back ({said})", one.kept_back) if one.kept_back else (f"card ({said})", advice.summary)
        case CannotTell() as unknown:
            return ("failed" if unknown.failed else "cannot tell"), unknown.because
        case silent:
            return "nothing to add", silent.because
