"""Every case as another sender would put it: the same cards, whatever the order, the units, the ids or the shapes."""

from __future__ import annotations

from typing import Any

from cards.orders import Hook
from cds_service.errors import DataNotAvailable
from tests.cards.test_cases import every_case
from tests.situations.asking import review
from tests.situations.reading import Case
from tests.situations.request import hook_request
from tests.situations.rewording import REWORDINGS, REWORDINGS_OF_THE_PRODUCT, reworded


def said(request: dict[str, Any], case: Case) -> list[tuple[Any, ...]] | str:
    """What the cards come to: about what, how loud, in which words, offering what."""
    try:
        answer = review(request, case.situation.as_of).answer
    except DataNotAvailable:
        return "nothing could be had"
    return [
        (
            card["source"]["topic"]["code"],
            card["indicator"],
            card["summary"],
            [suggestion["label"] for suggestion in card.get("suggestions", ())],
        )
        for card in answer["cards"]
    ]


@every_case
def test_the_same_situation_in_other_words_gets_the_same_cards(case: Case, hook: Hook) -> None:
    request = hook_request(case.situation, hook)
    expected = said(request, case)
    requests = {how: reworded(request, how) for how in REWORDINGS}
    # what a rewording leaves as it was need not be asked again
    found = {how: said(other, case) for how, other in requests.items() if other != request}
    assert found
    assert found == dict.fromkeys(found, expected)


@every_case
def test_the_same_dose_as_a_product_is_judged_the_same(case: Case, hook: Hook) -> None:
    request = hook_request(case.situation, hook)
    for how in REWORDINGS_OF_THE_PRODUCT:
        other = reworded(request, how)
        assert other == request or judged(said(other, case)) == judged(said(request, case))


def judged(answer: list[tuple[Any, ...]] | str) -> list[tuple[Any, ...]] | str:
    """About what, how loud and in which words; without what is offered."""
    return answer if isinstance(answer, str) else [card[:3] for card in answer]
