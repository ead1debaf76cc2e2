"""A chart in lines that a person reads."""

from __future__ import annotations

from cds_service.playground.chart_lines import ChartLine, chart_by_kind


def test_a_drug_that_was_handed_out_is_told_with_its_day() -> None:
    drug = {"text": "nivolumab"}
    dispense = {"resourceType": "MedicationDispense", "status": "completed", "medicationCodeableConcept": drug}
    found = chart_by_kind([{**dispense, "whenHandedOver": "2026-05-20T09:00:00Z"}])
    assert found == {"Doses handed out": [ChartLine("2026-05-20", "nivolumab", "completed")]}
