"""The ledger that was made by hand, put into a database; and a look at a page and its sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import yaml

from cds_service.ledger.database import Database
from cds_service.ledger.schema import bring_up_to_date
from cds_service.ledger.tables import metadata
from tests.cds_service.ledger.books import Kept

DAYS = {"since": "2026-06-01", "until": "2026-07-31"}
FOR_LONG = {"card_days": 36_500, "feedback_days": 36_500, "comment_days": 36_500}
FOREIGN = "benefit-outweighs-risk"


@cache
def hand_made() -> Any:
    """All of it, with its figures."""
    return yaml.safe_load((Path(__file__).parent / "hand_made.yaml").read_text(encoding="utf-8"))


def uuid_of(card: int) -> str:
    """The id of a card."""
    return f"00000000-0000-4000-8000-{card:012}"


def issued(card: int, client: str, tenant: str, hook: str, topic: str, at: str, *, silent: bool = False) -> Any:
    """A row of the cards."""
    return {
        "card": uuid_of(card), "client": client, "tenant": tenant, "service": "", "hook": hook, "hook_instance": "",
        "topic": topic, "rule_version": "", "indicator": "warning", "issued_at": instant(at), "user": "",
        "encounter": "", "suggestions": "[]", "is_shown": not silent,
    }  # fmt: skip


def received(number: int, card: int, client: str, tenant: str, outcome: str, at: str, then: str, codes: Any) -> Any:
    """A row of the feedback."""
    reasons = [
        {
            "code": code,
            "system": "urn:other" if code == FOREIGN else "",
            "display": "Benefit outweighs risk" if code == FOREIGN else "",
            "is_known": code != FOREIGN,
        }
        for code in codes
    ]
    return {
        "id": f"{number:032}", "card": uuid_of(card), "client": client, "tenant": tenant, "service": "",
        "outcome": outcome, "accepted_suggestions": "[]", "reasons": orjson.dumps(reasons).decode(),
        "has_reason": bool(reasons), "outcome_at": instant(at), "received_at": instant(then),
    }  # fmt: skip


def put(address: str, tables: Mapping[str, list[Any]]) -> None:
    """Rows into the tables of a database, which is new."""
    database = Database(address)
    bring_up_to_date(database)
    with database.writing() as connection:
        for table, rows in tables.items():
            if rows:
                connection.execute(metadata.tables[table].insert(), rows)
    database.close()


def put_hand_made(address: str) -> None:
    """All of it."""
    said = [(number, *one) for number, one in enumerate(hand_made()["feedback"])]
    names = [column.name for column in metadata.tables["tallies"].columns]
    put(
        address,
        {
            "issued_cards": [
                issued(card, *one["issued"], silent=one.get("silent", False))
                for card, one in hand_made()["cards"].items()
            ],
            "feedback": [received(*one[:-1]) for one in said],
            "comments": [
                {"feedback": f"{one[0]:032}", "comment": one[-1], "extension": "", "received_at": instant(one[6])}
                for one in said
                if one[-1]
            ],
            "tallies": [dict(zip(names, one, strict=True)) for one in hand_made()["tallies"]],
        },
    )


def instant(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text)


def sheet(kept: Kept, table: str = "figures", **asked: str) -> list[dict[str, str]]:
    """The lines of a sheet."""
    answer = kept.client.get("/outcomes.csv", query_string={"table": table, **asked})
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8"), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def added(lines: Iterable[Mapping[str, str]], column: str) -> int:
    """The sum of a column."""
    return sum(int(line[column]) for line in lines)


class Page(HTMLParser):
    """A page as somebody reads it: the cells of its tables by caption, its sums, all its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.sums: dict[str, str] = {}
        self._tag = ""
        self._caption = ""
        self._cells: list[str] | None = None
        self._name = ""
        self._texts: list[str] = []
        self.feed(html)
        for rows in self.tables.values():
            rows[:] = [[" ".join(cell.split()) for cell in row] for row in rows]

    @property
    def text(self) -> str:
        """Its words, with single spaces."""
        return " ".join(" ".join(self._texts).split())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr" and self._caption:
            self._cells = []
            self.tables[self._caption].append(self._cells)
        elif tag in ("th", "td") and self._cells is not None:
            self._cells.append("")
        elif tag == "br":
            self.handle_data(" ")
        elif tag in ("caption", "dt", "dd"):
            self._tag = tag if dict(attrs).get("class") != "of" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("caption", "dt", "dd"):
            self._tag = ""
        elif tag == "table":
            self._caption = ""

    def handle_data(self, data: str) -> None:
        self._texts.append(data)
        if self._tag == "caption":
            self._caption = data
            self._cells = None
            self.tables[data] = []
        elif self._tag == "dt":
            self._name = data
        elif self._tag == "dd":
            self.sums.setdefault(self._name, data)
        elif self._caption and self._cells:
            self._cells[-1] += data


def page(kept: Kept, **asked: str) -> Page:
    """The page."""
    answer = kept.client.get("/outcomes", query_string=asked)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)
