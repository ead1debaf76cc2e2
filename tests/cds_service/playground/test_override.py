"""Overriding a card sends real feedback: stored, acknowledged, and obeyed by the next evaluation."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cds_service.app import LEDGER
from tests.cds_service.ledger.books import rows, until
from tests.cds_service.playground.visiting import Element, Visitor, cards_of, link_of, offers_of, override_of

DULOXETINE = {"patient": "liver-disease", "order1": "duloxetine 60 mg three times daily"}
TOPIC = "duloxetineOrganDisease"


def kept_rows(app: Flask, address: str, table: str) -> list[dict[str, Any]]:
    """What the ledger holds once what waits is written."""
    until(lambda: app.extensions[LEDGER].queue_length == 0)
    return rows(address, table)


def override(visitor: Visitor, page: Element, topic: str = TOPIC, **said: str) -> Element:
    """Overrides a card once it is written."""
    return visitor.presses(override_of(cards_of(page)[topic]), **said)


def test_an_override_is_stored_as_feedback_of_the_playground(kept: Visitor, kept_app: Flask, address: str) -> None:
    after = override(kept, kept.asks(**DULOXETINE), comment="hepatologist agrees")
    assert "Your override was sent as feedback and acknowledged" in after.words
    [feedback] = kept_rows(kept_app, address, "feedback")
    assert (feedback["client"], feedback["outcome"], feedback["service"]) == (
        "playground",
        "overridden",
        "neuropathy-order-sign",
    )
    assert json.loads(feedback["reasons"])[0]["is_known"]
    [comment] = kept_rows(kept_app, address, "comments")
    assert comment["comment"] == "hepatologist agrees"


def test_the_next_evaluation_does_not_repeat_a_card_that_was_overridden(kept: Visitor) -> None:
    page = kept.asks(**DULOXETINE)
    assert TOPIC in cards_of(page)
    after = override(kept, page)
    assert TOPIC not in cards_of(after)
    assert "overridden with a reason before" in after.words


def test_the_link_shows_the_card_to_somebody_who_did_not_override_it(kept: Visitor) -> None:
    after = override(kept, kept.asks(**DULOXETINE))
    assert TOPIC in cards_of(kept.opens("/?" + link_of(after)))


def test_a_critical_card_comes_again(kept: Visitor) -> None:
    page = kept.asks(patient="failing-kidneys", order1="pregabalin 150 mg three times daily")
    after = override(kept, page, "pregabalinDoseExceedsRenalMax")
    assert "pregabalinDoseExceedsRenalMax" in cards_of(after)


def test_cards_and_accepted_suggestions_are_booked_under_the_playground(
    kept: Visitor, kept_app: Flask, address: str
) -> None:
    page = kept.asks(**DULOXETINE)
    kept.presses(next(iter(offers_of(cards_of(page)["duloxetineDoseRange"]).values())))
    issued = kept_rows(kept_app, address, "issued_cards")
    assert {row["client"] for row in issued} == {"playground"}
    assert len(issued) == 3  # two cards, and one of them again after the dose was changed
    [feedback] = kept_rows(kept_app, address, "feedback")
    assert feedback["outcome"] == "accepted"
    assert json.loads(feedback["accepted_suggestions"])[0] in {
        uuid for row in issued for uuid in json.loads(row["suggestions"])
    }


def test_without_a_ledger_the_page_says_that_nothing_is_remembered(visitor: Visitor) -> None:
    after = override(visitor, visitor.asks(**DULOXETINE))
    assert "keeps no ledger" in after.words


def test_a_ledger_out_of_reach_is_said_and_no_error(kept: Visitor, kept_app: Flask) -> None:
    page = kept.asks(**DULOXETINE)
    kept_app.extensions[LEDGER].close()
    kept_app.extensions[LEDGER].record_feedback = _out_of_reach  # type: ignore[method-assign]
    assert "could not be stored" in override(kept, page).words


def _out_of_reach(*_: object) -> None:
    from cds_service.errors import LedgerUnavailable

    raise LedgerUnavailable("out of reach")


def test_feedback_on_no_card_of_ours_is_refused_in_words(client: FlaskClient) -> None:
    for data in ({}, {"service": "neuropathy-order-sign"}, {"service": "nobody", "card": "x"}):
        answer = client.post("/playground/override", data={"patient": "child", **data})
        assert answer.status_code == 400
        assert "not known any more" in answer.get_data(as_text=True)
