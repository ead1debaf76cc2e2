"""A card that was overridden with a reason is not said again to the same user about the same order, for a while.

Never for `critical`, and not at another level or from another row of the rule's table. All that has to be the same goes
into one keyed hash, which is all that is kept of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from cards.consult import Considered
from cards.opinion import Advice, Indicator
from cards.orders import MedicationOrder, Ordered, ServiceOrder
from cds_service.clients import Caller
from cds_service.hooks.request import HookRequest
from cds_service.ledger.ledger import AnyLedger
from cds_service.ledger.records import storable

KEPT_BACK = "overridden with a reason before"


def without_repetitions(
    considered: tuple[Considered, ...], request: HookRequest, caller: Caller, ledger: AnyLedger
) -> tuple[tuple[Considered, ...], list[str | None]]:
    """Keeps back what this user has overridden for this patient and order. What cannot be told is shown.

    Beside it, for each that is left to show, the hash by which it is known again (None: it may be repeated).
    """
    if not ledger.repetition_seconds:
        return considered, []
    asked = (caller.name, storable(caller.tenant), request.fhir_server, request.user_id, request.patient_id)
    contents: dict[int, str] = {}  # several cards are about the same order
    hashes = [_hash(one, asked, contents, ledger) for one in considered if one.is_shown]
    sought = [repetition for repetition in hashes if repetition]
    overridden = ledger.overridden(sought) if sought else ()
    if overridden:
        left = iter(hashes)
        considered = tuple([_kept_back(one, next(left), overridden) if one.is_shown else one for one in considered])
        hashes = [one for one in hashes if one not in overridden]
    return considered, hashes


def _hash(one: Considered, asked: Iterable[str], contents: dict[int, str], ledger: AnyLedger) -> str | None:
    advice = one.opinion
    if not isinstance(advice, Advice) or advice.indicator is Indicator.CRITICAL:
        return None
    content = contents.get(id(one.order))
    if content is None:
        content = contents[id(one.order)] = ledger.hash(_content(one.order))
    return ledger.hash(*asked, one.card.rule, advice.row, advice.indicator, content)


def _kept_back(one: Considered, repetition: str | None, overridden: Container[str]) -> Considered:
    return one._replace(kept_back=KEPT_BACK) if repetition in overridden else one


def _content(order: Ordered) -> list[MedicationOrder | ServiceOrder]:
    """What is ordered, as it was read; how it is called and how far it has got (a draft, signed) does not count."""
    return [
        draft._replace(id="", status="", authored_on=None, is_draft=True, is_selected=True) for draft in order.drafts
    ]
