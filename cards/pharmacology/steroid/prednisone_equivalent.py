"""What is a corticosteroid worth in prednisone? Book 1.3."""

from __future__ import annotations

from pathlib import Path

from cards.coding_systems import words
from cards.knowledge import Thresholds, load_thresholds

TABLE = Path(__file__).with_suffix(".yaml")
STEROIDS = "systemic_corticosteroid"
INGREDIENT_OF = {
    "medrol": "methylprednisolone",
    "deltasone": "prednisone",
    "rayos": "prednisone",
    "orapred": "prednisolone",
    "decadron": "dexamethasone",
    "cortef": "hydrocortisone",
    "celestone": "betamethasone",
    "kenalog": "triamcinolone",
    "emflaza": "deflazacort",
}


def equivalents() -> Thresholds:
    """mg of prednisone for one mg of each ingredient."""
    return load_thresholds(TABLE)


def steroid_ingredient(text: str) -> str | None:
    """The ingredient that a name means ("Solu-Medrol": methylprednisolone); None for one not in book 1.3."""
    for word in words(text):
        ingredient = INGREDIENT_OF.get(word, word)
        if ingredient in equivalents().thresholds:
            return ingredient
    return None


def prednisone_equivalent(drug_name: str, mg: float) -> float | None:
    """Prednisone-equivalent in mg; None for a steroid that book 1.3 does not list."""
    ingredient = steroid_ingredient(drug_name)
    return None if ingredient is None else mg * equivalents().value(ingredient)
