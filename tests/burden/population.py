"""Charts to replay orders on: adults drawn at random, with the illnesses and drugs of a general clinic or of ours.

Shares are round figures of the editors, chosen so that every rule meets patients it concerns and patients it does not;
they are no epidemiology. The same seed draws the same people.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from tests.situations.reading import Situation, patient_of

AS_OF = date(2026, 6, 15)

# (share, codes of which one is drawn)
PROBLEMS = (
    (0.45, ("I10",)),
    (0.35, ("E78.5",)),
    (0.30, ("E11.42", "E11.9", "E11.40", "E11.22", "E10.42", "E11.44")),
    (0.12, ("N18.31", "N18.4", "N18.2")),
    (0.15, ("G62.9", "G60.9", "G61.81", "G61.82", "G62.0", "B02.29", "G54.1")),
    (0.12, ("F33.1", "F41.1")),
    (0.10, ("M54.50", "M17.9")),
    (0.08, ("I50.9", "I48.91", "I25.10")),
    (0.06, ("J44.9", "G47.33")),
    (0.06, ("C34.90", "C85.90", "C43.9")),
    (0.05, ("I95.1", "R33.9", "H40.20X0")),
    (0.04, ("K74.60", "K76.0", "F10.20")),
    (0.03, ("G70.00", "D83.9", "M05.9")),
)
MEDICATIONS = (
    (0.30, ("metformin 1000 mg twice daily",)),
    (0.30, ("lisinopril 10 mg once daily", "hydrochlorothiazide 25 mg once daily")),
    (0.30, ("atorvastatin 20 mg once daily",)),
    (0.15, ("insulin glargine 0.2 mL at bedtime", "glimepiride 2 mg once daily")),
    (0.12, ("pregabalin 75 mg twice daily", "gabapentin 300 mg three times daily")),
    (0.10, ("duloxetine 60 mg once daily", "amitriptyline 25 mg at bedtime")),
    (0.10, ("tramadol 50 mg three times daily", "oxycodone 5 mg twice daily")),
    (0.06, ("prednisone 10 mg once daily",)),
    (0.04, ("pembrolizumab 200 mg IV every 3 weeks",)),
    (0.05, ("lorazepam 1 mg at bedtime",)),
)


def population(size: int, seed: int = 1) -> list[tuple[str, Situation]]:
    """(name, chart without any order) of so many people."""
    draw = Random(seed)
    return [(f"generated {number}", _person(draw)) for number in range(1, size + 1)]


def _person(draw: Random) -> Situation:
    age = min(max(round(draw.gauss(62, 15)), 19), 95)
    patient: dict[str, Any] = {
        "age": age,
        "sex": draw.choice(["male", "female"]),
        "conditions": _drawn(draw, PROBLEMS),
        "medications": [f"{order}, {draw.randint(10, 400)} days ago" for order in _drawn(draw, MEDICATIONS)],
    }
    if draw.random() < 0.85:
        creatinine = draw.lognormvariate(0 if age < 75 else 0.2, 0.35)
        patient["serum_creatinine"] = f"{creatinine:.2f} mg/dL, {draw.randint(1, 500)} days ago"
    if draw.random() < 0.8:
        patient["weight"] = f"{draw.gauss(80, 17):.0f} kg, {draw.randint(1, 300)} days ago"
    if draw.random() < 0.7:
        patient["height"] = f"{draw.gauss(170, 10):.0f} cm, 300 days ago"
    if any(code.startswith("E1") for code in patient["conditions"]) and draw.random() < 0.8:
        patient["hba1c"] = f"{draw.gauss(7.5, 1.2):.1f} %, {draw.randint(5, 300)} days ago"
    if draw.random() < 0.1:
        patient |= {"hbsag": "negative, 60 days ago", "anti_hbc_total": "negative, 60 days ago"}
    return Situation(AS_OF, patient_of(patient))


def _drawn(draw: Random, shares: tuple[tuple[float, tuple[str, ...]], ...]) -> list[str]:
    return [draw.choice(choices) for share, choices in shares if draw.random() < share]
