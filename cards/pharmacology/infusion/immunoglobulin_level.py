"""How high is IgG, IgA or IgM? The newest level that is recent enough (book 1.3, 4.5, 4.6, 5.3, 5.4).

Needs: immunoglobulin_levels.
"""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.wording import number

NEED = "immunoglobulin_levels"
PANEL = "immunoglobulin_panel"
ABOVE = (">", ">=")
G_PER_L_IN_G_PER_DL = 10  # book 1.3
MG_PER_DL_IN_G_PER_L = 100


def latest_level(facts: Facts, concept: str, within_days: int | None = None) -> Measurement | None:
    """Newest dated result in g/L, of so many days where that matters; None: searched, none there.

    Raises NotKnown: not searched, the newest cannot be read, or a panel came without the levels that it holds.
    """
    for level in facts.measurements(concept, within_days=within_days):
        if level.is_pending or level.on is None:
            continue
        if level.value is None:
            raise NotKnown(NEED, level.unreadable or "no number")
        return level
    for panel in facts.measurements(PANEL, within_days=within_days):
        if panel.unreadable:
            raise NotKnown(NEED, panel.unreadable)
    return None


def level_in_units(level: Measurement) -> str:
    """ "4 g/dL = 40 g/L = 4000 mg/dL", "above 5 g/dL = 50 g/L = 5000 mg/dL"."""
    g_per_l = level.value or 0.0
    return f"{in_g_per_dl(level)} = {number(g_per_l)} g/L = {number(g_per_l * MG_PER_DL_IN_G_PER_L, 0)} mg/dL"


def in_g_per_dl(level: Measurement) -> str:
    """ "4.2 g/dL", "above 5 g/dL"."""
    bound = "" if not level.comparator else "above " if level.comparator in ABOVE else "below "
    return f"{bound}{g_per_dl(level.value or 0.0)} g/dL"


def g_per_dl(g_per_l: float) -> str:
    """The number of g/dL in so many g/L."""
    return number(g_per_l / G_PER_L_IN_G_PER_DL, 2)
