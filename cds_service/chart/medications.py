"""Which drug is it? From codes and words of whatever names it to the `Drug` that the rules know.

Codes decide; words add what a code leaves open (release form, strength) and stand in where no code is known, which is
marked (`by_text`). Where codes contradict each other, or the words contradict the codes, either may be the mistake:
the drug then belongs to the concepts of all of them, so that no rule is missed, counts as recognised by its words, so
that no card is critical, and its strength is in doubt, so that no dose is worked out from a count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from cards.concepts import ValueSets
from cards.orders import Drug, Route
from cards.pharmacology.by_route import DEPEND_ON_ROUTE, IVIG, OTHER_GLOBULINS, ROUTE_OPEN, given_by
from cds_service.chart import products
from cds_service.chart.products import KIND, Hit
from cds_service.fhir.coding import LONGEST_TEXT, Coding, as_list, plain
from cds_service.fhir.medication import Product, medication_of
from cds_service.fhir.reference import Resolve
from cds_service.fhir.route import read_route, route_in

_LONGEST_NAME = 200
_NONE: frozenset[str] = frozenset()


def read_drug(resource: Mapping[str, Any], value_sets: ValueSets, resolve: Resolve) -> Drug:
    """The drug that an order, an administration, a dispense or a statement names; no concepts: none of ours."""
    product = medication_of(resource, resolve)
    drug = _drug(product, value_sets)
    if drug.concepts.isdisjoint(DEPEND_ON_ROUTE):
        return drug
    return given_by(drug, drug_route(resource) or _route_in(product.texts))


def drug_route(resource: Mapping[str, Any]) -> Route | None:
    """The route that the first dose line with one states; None when none does."""
    for line in (*as_list(resource.get("dosageInstruction")), *as_list(resource.get("dosage"))):
        if isinstance(line, dict):
            text = line.get("text")
            route = read_route(line.get("route")) or route_in(text[:LONGEST_TEXT] if isinstance(text, str) else "")
            if route:
                return Route(route)
    return None


@lru_cache(maxsize=4_096)  # bounded, because products come from outside
def _drug(product: Product, value_sets: ValueSets) -> Drug:
    hits = _hits(product.codings, value_sets)
    inside = [hit for ingredient in product.ingredients for hit in _hits(ingredient.codings, value_sets)]
    texts = (*product.texts, *(ingredient.text for ingredient in product.ingredients if ingredient.text))
    said = _NONE.union(*(value_sets.named(text, KIND) for text in texts))
    verdict = _weigh(product, hits, inside, said, value_sets)

    hits += inside
    coding, row = products.leading(product, hits, value_sets)
    stated, differ = products.strength(product, hits, verdict.concepts, value_sets)
    release = products.formulation(verdict.concepts, texts, row)
    coded = _NONE.union(*(hit.concepts for hit in hits))
    if row is not None and row.strength is not None and release is not products.formulation(coded, (), row):
        verdict = verdict._replace(in_doubt=True)  # the code is of the plain capsule, the words of another form
    display = plain(texts[0] if texts else row.display if row else coding.display, _LONGEST_NAME)
    return Drug(
        name=products.generic_name(verdict.concepts, said, row, display, value_sets),
        concepts=verdict.concepts | products.release_concepts(verdict.concepts, release),
        by_text=bool(verdict.concepts) and (verdict.by_text or verdict.in_doubt),
        display=display,
        system=value_sets.system_uri(coding.system) or coding.system,
        code=coding.code,
        formulation=release,
        strength=stated,
        strength_conflict=differ or verdict.in_doubt,
        dose_form=products.dose_form(product, row, stated),
        brand=products.brand(hits, texts, verdict.concepts, value_sets),
    )


class _Verdict(NamedTuple):
    """What codes and words together mean. `in_doubt`: they contradict each other."""

    concepts: frozenset[str]
    by_text: bool = False
    in_doubt: bool = False


def _weigh(
    product: Product, hits: Sequence[Hit], inside: Sequence[Hit], said: frozenset[str], value_sets: ValueSets
) -> _Verdict:
    groups = [hit.concepts for hit in hits]
    if inside:  # ingredients of one product belong together
        groups.append(_NONE.union(*(hit.concepts for hit in inside)))
    if not groups:
        return _Verdict(_with_unconfirmed(product, said, value_sets), by_text=True)
    coded = _NONE.union(*groups)
    if coded == {IVIG} and not said.isdisjoint(OTHER_GLOBULINS) and all(map(products.is_ingredient, hits)):
        return _Verdict(said & OTHER_GLOBULINS, by_text=True)  # the code says immunoglobulin, the words which
    specific = said - {ROUTE_OPEN}
    generic = products.generic_names(value_sets)
    if _contradict([*groups, specific] if specific else groups, generic):
        return _Verdict(coded | specific, in_doubt=True)
    return _Verdict(coded | _narrower(coded, said, generic, value_sets))


def _with_unconfirmed(product: Product, said: frozenset[str], value_sets: ValueSets) -> frozenset[str]:
    """What the words mean together with an unconfirmed code: alone such a code means nothing (book 1.9)."""
    if ROUTE_OPEN not in said:
        return said
    unconfirmed = (value_sets.unconfirmed(coding.system, coding.code) for coding in product.codings)
    return said - {ROUTE_OPEN} | {IVIG} if IVIG in _NONE.union(*unconfirmed) else said


def _contradict(groups: Sequence[frozenset[str]], generic: Mapping[str, str]) -> bool:
    """Do codes and words mean different drugs?

    Codes without a drug in common are one product where another code or the words name them all (a combination).
    """
    families: list[list[frozenset[str]]] = []
    for group in groups:
        kin = [family for family in families if any(_may_be_one(group, member, generic) for member in family)]
        families = [family for family in families if family not in kin]
        families.append([group, *(member for family in kin for member in family)])
    return len(families) > 1


def _may_be_one(one: frozenset[str], other: frozenset[str], generic: Mapping[str, str]) -> bool:
    """A class in common (gabapentinoid, opioid) does not make one drug of two that are known by name."""
    common = one & other
    if one.isdisjoint(generic) or other.isdisjoint(generic):
        return bool(common)
    return not common.isdisjoint(generic)


def _narrower(
    coded: frozenset[str], said: frozenset[str], generic: Mapping[str, str], value_sets: ValueSets
) -> frozenset[str]:
    """Forms of a coded drug that only the words name: an ingredient code beside "Horizant"."""
    return frozenset(form for name in coded.intersection(generic) for form in value_sets.concept(name).includes) & said


def _hits(codings: Sequence[Coding], value_sets: ValueSets) -> list[Hit]:
    """The codings that mean something; private systems and codes that are none of ours are passed over."""
    found = (products.meaning(coding, value_sets) for coding in codings)
    return [hit for hit in found if hit.concepts]


def _route_in(texts: Sequence[str]) -> Route | None:
    named = {route for text in texts if (route := route_in(text))}
    return Route(named.pop()) if len(named) == 1 else None
