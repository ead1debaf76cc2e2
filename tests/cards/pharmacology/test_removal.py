"""Taking the drafts of one drug out of the basket."""

from __future__ import annotations

from cards.pharmacology.removal import each_removal, offer_removal
from tests.cards.pharmacology.charts import a_day, line, mg, order, signed

ONE = line(mg(150), a_day(1))


def test_a_single_draft_is_offered_for_removal_and_not_recommended_by_itself() -> None:
    [offer] = offer_removal(signed(order(ONE)))
    assert offer.label == "Remove this pregabalin draft"
    assert not offer.recommended
    assert offer_removal(signed(order(ONE)), recommended=True)[0].recommended


def test_each_of_several_drafts_is_offered() -> None:
    offers = offer_removal(signed(order(ONE, id="1"), order(ONE, id="2")))
    assert [(offer.order_id, offer.label) for offer in offers] == [
        ("1", "Remove pregabalin draft 1 of 2"),
        ("2", "Remove pregabalin draft 2 of 2"),
    ]


def test_more_drafts_than_a_card_can_offer_are_left_alone() -> None:
    drafts = [order(ONE, id=str(number)) for number in range(4)]
    assert len(offer_removal(signed(*drafts[:3]))) == 3
    assert offer_removal(signed(*drafts)) == ()


def test_each_draft_is_offered_under_the_name_of_the_card_however_many_there_are() -> None:
    assert [offer.label for offer in each_removal(signed(order(ONE)), "Lyrica")] == ["Remove the Lyrica draft"]
    drafts = signed(*(order(ONE, id=str(number)) for number in range(4)))
    assert [(offer.order_id, offer.label) for offer in each_removal(drafts, "opioid")][1:] == [
        ("1", "Remove the opioid draft (2 of 4)"),
        ("2", "Remove the opioid draft (3 of 4)"),
        ("3", "Remove the opioid draft (4 of 4)"),
    ]
