"""A silent card is asked and kept in the ledger as not shown; nobody is ever shown it (issue: silent mode)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cds_service.ledger.endpoint import PATH
from tests.cds_service.hooks.tokens import PUBLIC_URL, bearer, key_file, token
from tests.cds_service.ledger.books import CRITICAL, WARNINGS, Books, Kept, overridden
from tests.cds_service.test_hook_endpoints import NOTHING_ON_FILE, RITUXIMAB, call, order

SELECT, SIGN = "/cds-services/neuropathy-order-select", "/cds-services/neuropathy-order-sign"
SEROLOGY = "rituximab-hbv-serology"
OPERATOR = {"Authorization": "Bearer operator"}


def topics(cards: list[dict[str, Any]]) -> list[str]:
    """What cards are about."""
    return [card["source"]["topic"]["code"] for card in cards]


def kept_cards(kept: Kept) -> dict[bool, Counter[tuple[str, str]]]:
    """Topics and levels in the ledger, of cards shown (True) and silent (False)."""
    found = kept.rows("issued_cards")
    return {
        is_shown: Counter((row["topic"], row["indicator"]) for row in found if row["is_shown"] is is_shown)
        for is_shown in (True, False)
    }


def said(kept: Kept, what: str) -> Counter[str]:
    """How often which rule had this to say, by the tallies."""
    return Counter({row["topic"]: row["number"] for row in kept.rows("tallies") if row["what"] == what})


def clients(folder: Path, **choices: dict[str, Any]) -> list[dict[str, Any]]:
    """Clients by name, with these choices."""
    keys = str(key_file(folder))
    return [
        {"issuer": f"https://{name}.example.org", "name": name, "keys": keys, **chosen}
        for name, chosen in choices.items()
    ]


def of(client: str, address: str) -> dict[str, str]:
    """The headers of a client's request."""
    return bearer(token(address, iss=f"https://{client}.example.org"))


# -- a rule that is silent at a site ----------------------------------------------------------------------------------


def test_a_silent_card_is_in_the_ledger_as_not_shown_and_in_no_answer(books: Books) -> None:
    kept = books(cards={"silent": [SEROLOGY]})
    assert topics(kept.call(CRITICAL)) == []
    assert kept_cards(kept) == {True: Counter(), False: Counter({("rituximabHbvSerology", "critical"): 1})}
    (row,) = kept.rows("issued_cards")
    assert (row["suggestions"], row["repetition"], row["hook"]) == ("[]", None, "order-sign")
    assert len(row["user"]) == 32
    assert row["rule_version"].startswith("20")
    assert said(kept, "silent") == Counter({"rituximabHbvSerology": 1})
    assert said(kept, "call") == Counter({"": 1})


def test_the_cards_beside_a_silent_one_are_the_same_as_ever(books: Books) -> None:
    kept = books()
    cards = kept.call(WARNINGS)
    assert len(cards) > 1
    quieter = books(cards={"silent": ["gabapentinoid-cns-depressant"]})
    others = [topic for topic in topics(cards) if topic != "gabapentinoidCnsDepressant"]
    assert topics(quieter.call(WARNINGS)) == others
    shown, silent = kept_cards(quieter)[True], kept_cards(quieter)[False]
    assert Counter(topic for topic, _ in shown.elements()) == Counter([*topics(cards), *others])
    assert [topic for topic, _ in silent] == ["gabapentinoidCnsDepressant"]
    assert sum(said(quieter, "shown").values()) == sum(shown.values())
    assert said(quieter, "silent") == Counter(topic for topic, _ in silent.elements())


def test_what_a_silent_card_could_not_check_is_counted_and_noted_to_nobody(books: Books) -> None:
    def without_problems(body: dict[str, Any]) -> None:
        del body["prefetch"]["conditions"]

    loud, quiet = books(), books(cards={"silent": ["rituximab-igm-flare"]})
    assert topics(loud.call(CRITICAL, without_problems)) == ["rituximabHbvSerology", "couldNotCheck"]
    assert topics(quiet.call(CRITICAL, without_problems)) == ["rituximabHbvSerology"]
    loud.written()
    assert said(quiet, "cannot-tell") == Counter({"rituximabIgmFlare": 2})


def test_a_silent_card_is_counted_as_silent_in_the_log_and_as_no_card_in_the_metrics(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = books({"operator_token": "operator"}, cards={"silent": [SEROLOGY]})
    kept.call(CRITICAL)
    (line,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["event"] == "call"]
    assert line["opinions"]["silent"] == 1
    assert "shown" not in line["opinions"]
    assert not {"cards", "rules", "versions"} & set(line)
    assert "neuropathy_cds_cards_total{" not in kept.client.get("/metrics", headers=OPERATOR).text


def test_an_override_of_a_card_that_was_shown_does_not_hide_what_it_would_say_when_silent(books: Books) -> None:
    kept = books()
    cards = kept.call(WARNINGS)
    assert kept.report(*(overridden(card["uuid"]) for card in cards), hook="order-select") == 200
    assert kept.call(WARNINGS) == [], "overridden with a reason"
    quiet = books(cards={"silent": ["gabapentinoid-cns-depressant"]})
    assert quiet.call(WARNINGS) == []
    assert said(quiet, "silent") == Counter({"gabapentinoidCnsDepressant": 1})


@pytest.mark.parametrize("unanswered", ["true", "false"])
def test_b2_the_export_has_no_card_that_nobody_saw(books: Books, unanswered: str) -> None:
    kept = books({"operator_token": "operator"}, cards={"silent": ["gabapentinoid-cns-depressant"]})
    shown = [*kept.call(WARNINGS), *kept.call(WARNINGS)]
    silent, _ = [row["card"] for row in kept.rows("issued_cards") if not row["is_shown"]]
    assert kept.report(overridden(silent), hook="order-select") == 200  # nobody can know its id; but if so
    answer = kept.client.get(PATH, headers=OPERATOR, query_string={"unanswered": unanswered})
    exported = [json.loads(line) for line in answer.data.splitlines()]
    known = {row["card"] for row in exported if row["is_known_card"]}
    assert known == ({card["uuid"] for card in shown} if unanswered == "true" else set())
    assert [(row["card"], row["intervention"]) for row in exported if not row["is_known_card"]] == [(silent, "")]


# -- missing data -----------------------------------------------------------------------------------------------------


def test_a_call_is_not_refused_for_want_of_what_only_silent_cards_need(books: Books) -> None:
    rules = ["rituximab-hbv-serology", "rituximab-hbv-positive-prophylaxis", "rituximab-igm-flare",
             "rituximab-dose-schedule", "rituximab-baseline-labs"]  # fmt: skip
    body = call(order(RITUXIMAB))
    assert books().client.post(SIGN, json=body).status_code == 412
    kept = books(cards={"silent": rules})
    answer = kept.client.post(SIGN, json=body)
    assert (answer.status_code, answer.json) == (200, {"cards": []})
    assert said(kept, "cannot-tell")
    some = books(cards={"silent": rules[1:]})
    assert some.client.post(SIGN, json=body).status_code == 412, "the card that is not silent has nothing to go by"


# -- clients ----------------------------------------------------------------------------------------------------------


def test_a_rule_may_be_silent_for_one_client_and_shown_to_another(books: Books, tmp_path: Path) -> None:
    chosen = clients(tmp_path, quiet={"cards": {"silent": [SEROLOGY]}}, loud={})
    kept = books({"public_url": PUBLIC_URL}, clients=chosen)
    assert topics(kept.call(CRITICAL, headers=of("quiet", SIGN))) == []
    assert topics(kept.call(CRITICAL, headers=of("loud", SIGN))) == ["rituximabHbvSerology"]
    assert {(row["client"], row["is_shown"]) for row in kept.rows("issued_cards")} == {("quiet", False), ("loud", True)}
    words = {(row["client"], row["what"]): row["number"] for row in kept.rows("tallies") if row["topic"]}
    assert words["quiet", "silent"] == words["loud", "shown"] == 1


def test_what_the_site_has_silent_no_client_is_shown(books: Books, tmp_path: Path) -> None:
    chosen = clients(tmp_path, ehr={"cards": {"silent": ["ivig-indication"]}})
    kept = books({"public_url": PUBLIC_URL}, clients=chosen, cards={"silent": [SEROLOGY]})
    assert kept.call(CRITICAL, headers=of("ehr", SIGN)) == []
    assert kept_cards(kept)[False] == Counter({("rituximabHbvSerology", "critical"): 1})


@pytest.mark.parametrize("story", [WARNINGS, CRITICAL])
def test_a_silent_client_is_shown_nothing_and_all_of_it_is_kept(books: Books, tmp_path: Path, story: str) -> None:
    chosen = clients(tmp_path, quiet={"silent": True}, loud={})
    kept = books({"public_url": PUBLIC_URL}, clients=chosen)
    address = SELECT if story == WARNINGS else SIGN
    cards = kept.call(story, headers=of("loud", address))
    assert kept.call(story, headers=of("quiet", address)) == []
    by_client = {
        (row["client"], row["is_shown"]): sorted(
            (one["topic"], one["indicator"]) for one in kept.rows("issued_cards") if one["client"] == row["client"]
        )
        for row in kept.rows("issued_cards")
    }
    assert set(by_client) == {("loud", True), ("quiet", False)}
    assert by_client["loud", True] == by_client["quiet", False]
    assert len(by_client["loud", True]) == len(cards)


def test_a_silent_client_is_never_refused_for_want_of_data_nor_told_what_was_not_reviewed(
    books: Books, tmp_path: Path
) -> None:
    kept = books({"public_url": PUBLIC_URL}, clients=clients(tmp_path, quiet={"silent": True}, loud={}))
    nameless = {**order(RITUXIMAB), "medicationReference": {"reference": "Medication/gone"}}
    del nameless["medicationCodeableConcept"]
    expected = [(call(order(RITUXIMAB)), 412), (call(nameless), 200), (call(order(RITUXIMAB), nameless), 412)]
    for body, status in expected:
        loud = kept.client.post(SIGN, json=body, headers=of("loud", SIGN))
        assert (loud.status_code, loud.json == {"cards": []}) == (status, False)
        quiet = kept.client.post(SIGN, json=body, headers=of("quiet", SIGN))
        assert (quiet.status_code, quiet.json) == (200, {"cards": []})
    partly = call(order(RITUXIMAB), prefetch={**NOTHING_ON_FILE, "hbv_markers": "what is this"})
    assert kept.client.post(SIGN, json=partly, headers=of("quiet", SIGN)).json == {"cards": []}


def test_a_profile_and_silence_do_not_touch_each_other(books: Books, tmp_path: Path) -> None:
    epic = {"profile": "epic", "algorithms": ["ES384"]}
    chosen = clients(tmp_path, quiet={**epic, "cards": {"silent": [SEROLOGY]}}, loud=epic)
    kept = books({"public_url": PUBLIC_URL}, clients=chosen)
    assert kept.call(CRITICAL, headers=of("quiet", SIGN)) == []
    assert topics(kept.call(CRITICAL, headers=of("loud", SIGN))) == ["rituximabHbvSerology"]
