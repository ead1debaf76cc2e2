"""The drugs of the picker."""

from __future__ import annotations

from datetime import date

from cards.catalogue import load_catalogue
from cards.concepts import load_value_sets
from cds_service.order_text import draft_from_text
from cds_service.playground.drugs import drug_names


def test_an_order_can_be_written_with_every_name_that_is_offered() -> None:
    value_sets = load_value_sets()
    names = drug_names(value_sets, load_catalogue())
    assert {"pregabalin", "Rituxan Hycela"} <= set(names)
    for name in names:
        order = draft_from_text(f"{name} 75 mg once", patient_id="1", value_sets=value_sets, today=date(2026, 6, 15))
        assert "coding" in order["medicationCodeableConcept"], name
