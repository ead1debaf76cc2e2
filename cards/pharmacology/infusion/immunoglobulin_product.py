"""Which immunoglobulin product is it, what stabilises it, and which other could be named? (book 1.9, 4.5-4.7)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from cards.concepts import Code, load_value_sets
from cards.opinion import SetProduct
from cards.orders import Drug, MedicationOrder

KNOWN = ("confirmed", "book")  # as med/ivig_excipients.yaml explains; any other status: product unknown
PER_VOLUME = re.compile(r"\bm\s?l\b|\bvials?\b|\bbottles?\b|\bbags?\b|%", re.IGNORECASE)
GLYCINE = "glycine"
GLYCINE_ALONE = frozenset({GLYCINE})

_WORD = re.compile(r"[a-z0-9]+")


class Brand(NamedTuple):
    """A listed brand. `stabilisers` None: not known."""

    name: str
    stabilisers: frozenset[str] | None


def product_name(drug: Drug) -> str:
    """The brand, else "IVIG"."""
    return drug.brand or "IVIG"


def contains(drug: Drug, stabiliser: str) -> bool | None:
    """Is the product stabilised with it? None: the brand, its strength or its stabiliser is not known."""
    answers = {stabiliser in brand.stabilisers if brand.stabilisers else None for brand in _meant(drug.brand)}
    return answers.pop() if len(answers) == 1 else None


def other_product(draft: MedicationOrder) -> SetProduct | None:
    """Change the draft to a product that glycine alone stabilises: no maltose, sorbitol, proline or sucrose.

    None where the rest of the draft would contradict the new product: a dose, a rate or a supply by volume or by
    vial, or words that name the product.
    """
    if _is_tied_to_product(draft):
        return None
    name = next(brand.name for brand in _brands() if brand.stabilisers == GLYCINE_ALONE)
    return SetProduct(draft.id, f"Change to {name} ({GLYCINE}-stabilised)", name, _brand_code(name))


def _meant(brand: str) -> list[Brand]:
    """The listed brands that a brand may be: the longest that it begins with, else all that begin with it."""
    said = _words(brand)
    if not said:
        return []
    begun = [listed for listed in _brands() if said[: len(_words(listed.name))] == _words(listed.name)]
    if begun:
        return [max(begun, key=lambda listed: len(_words(listed.name)))]
    return [listed for listed in _brands() if _words(listed.name)[: len(said)] == said]


@cache
def _brands() -> tuple[Brand, ...]:
    return tuple(_listed(load_value_sets().concept("ivig_excipients").products))


def _listed(products: Iterable[Mapping[str, Any]]) -> Iterable[Brand]:
    for product in products:
        stabilisers = frozenset(product["stabiliser"]) if product["status"] in KNOWN else None
        yield Brand(str(product["brand"]), stabilisers or None)


@cache
def _brand_code(name: str) -> Code | None:
    """The RxNorm brand name that the product goes by, without a size of vial; None: it is named in words."""
    codes = load_value_sets().concept("ivig").codes["rxnorm"]
    brands = (code for code in codes if code.confirmed and code.hints.get("tty") == "BN")
    return next((code for code in brands if _words(name)[:1] == _words(code.display)), None)


def _is_tied_to_product(draft: MedicationOrder) -> bool:
    if draft.quantity is not None and draft.quantity.unit not in ("g", "mg"):
        return True
    if any(line.amount is not None and line.amount.unit in ("mL", "count") for line in draft.lines):
        return True
    words = " ".join((*(f"{line.text} {line.patient_instruction}" for line in draft.lines), draft.note))
    first = _words(draft.drug.brand)[:1]
    return bool(PER_VOLUME.search(words)) or not set(_words(words)).isdisjoint(first)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))
