"""What rows expect of exchanges, said once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from cds_service.conformance.exchange import Exchange
from cds_service.conformance.row import Fault

_REVERSE_DOMAIN = re.compile(r"[a-z][a-z0-9-]*(\.[A-Za-z0-9_-]+)+")
EMPTY: tuple[Any, ...] = (None, "", [], {})


class ShapeFault(NamedTuple):
    """A member that is not as the model of the wire has it. `place`: dotted, `*` for a number."""

    place: str
    kind: str
    text: str


def expect(holds: bool, text: str, shown_by: Exchange | None = None) -> None:
    """Raises Fault unless it holds."""
    if not holds:
        raise Fault(text, shown_by)


def expect_status(exchange: Exchange, *statuses: int) -> None:
    """Raises Fault for another status."""
    wanted = " or ".join(map(str, statuses))
    expect(exchange.status in statuses, f"expected {wanted}: {exchange}", exchange)


def cards_of(exchange: Exchange) -> list[Any]:
    """The cards of a 200. Raises Fault."""
    expect_status(exchange, 200)
    cards = exchange.json.get("cards") if isinstance(exchange.json, dict) else None
    if not isinstance(cards, list):
        raise Fault("expected a JSON object with an array cards", exchange)
    return cards


def expect_outcome(exchange: Exchange) -> None:
    """Raises Fault unless the body is an OperationOutcome as JSON."""
    from cds_service.hooks.wire import OperationOutcome

    expect(exchange.media_type in ("application/json", "application/fhir+json"), f"not JSON: {exchange}", exchange)
    faults = shape_faults(OperationOutcome, exchange.json)
    expect(not faults, f"not an OperationOutcome: {exchange}", exchange)


def expect_same_cards(first: Exchange, second: Exchange, text: str) -> None:
    """Raises Fault unless both answers advise the same; words and uuids may differ."""
    expect(_advice(cards_of(first)) == _advice(cards_of(second)), text, second)


def _advice(cards: list[Any]) -> list[Any]:
    """Level, topic and number of suggestions of each card."""
    known = [card for card in cards if isinstance(card, dict)]
    return [(card.get("indicator"), _topic(card), len(card.get("suggestions") or ())) for card in known]


def _topic(card: dict[str, Any]) -> Any:
    source = card.get("source")
    return source.get("topic") if isinstance(source, dict) else None


def guidance(value: Any) -> Any:
    """An answer without its uuids."""
    if isinstance(value, dict):
        return {name: guidance(inner) for name, inner in value.items() if name != "uuid"}
    return [guidance(inner) for inner in value] if isinstance(value, list) else value


def shape_faults(model: type[BaseModel], value: Any) -> list[ShapeFault]:
    """How a value differs from a model of the wire."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        return [
            ShapeFault(
                ".".join("*" if isinstance(step, int) else step for step in one["loc"]),
                one["type"],
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}",
            )
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    return []


def expect_shape(exchange: Exchange, model: type[BaseModel], *places: str) -> None:
    """Raises Fault for a shape fault at one of the places, or below one; members that are not known count elsewhere."""
    for fault in shape_faults(model, exchange.json):
        if fault.kind != "extra_forbidden" and any(f"{fault.place}.".startswith(f"{place}.") for place in places):
            raise Fault(fault.text, exchange)


def expect_only_extensions(exchange: Exchange, model: type[BaseModel]) -> None:
    """Raises Fault for a member that the model does not have, or an extension without reverse-domain names."""
    for fault in shape_faults(model, exchange.json):
        expect(fault.kind != "extra_forbidden", fault.text, exchange)
    for extension in _extensions(exchange.json):
        is_named = isinstance(extension, dict) and all(_REVERSE_DOMAIN.fullmatch(name) for name in extension)
        expect(is_named, "an extension without reverse-domain names", exchange)


def empties(value: Any, place: str = "") -> Iterator[str]:
    """Places of null, "", [] and {} in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        here = f"{place}.{step}".lstrip(".")
        if any(one == empty and type(one) is type(empty) for empty in EMPTY):
            yield here
        yield from empties(one, here)


def _extensions(value: Any) -> Iterator[Any]:
    """The values of every member `extension` of our objects; FHIR resources have extensions of their own kind."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "extension":
                yield inner
            elif name != "resource":
                yield from _extensions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _extensions(inner)
