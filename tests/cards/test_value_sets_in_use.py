"""Is every value set read by a rule or the chart, or part of one that is? The others are kept for a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from cards.catalogue import HERE, load_catalogue, load_data_requests
from cards.concepts import VALUE_SETS, load_value_sets
from cards.neurology.phenotype import IN_WORDS
from cards.yaml_files import read_yaml

READERS = (*HERE.rglob("*.py"), *(HERE.parent / "cds_service" / "chart").rglob("*.py"))
OTHER_WORDS = {"autonomic", "blood_pressure", "cranial", "glaucoma"}  # in Python rows and a data request, no value sets
IN_PARTS = {"anti_hbc", "anti_hbs", "hbv_dna"}  # book 1.9 prints them as one; the rules read their members
# Apart from what is read, so that neither is taken for the other.
LOOK_ALIKES = {
    "blood_pressure", "blood_pressure_supine", "body_weight_dialysis", "body_weight_dosing", "fall_risk", "glaucoma",
    "creatinine_clearance_bsa_normalised", "ideal_body_weight", "serum_creatinine_peri_dialysis",
}  # fmt: skip
# From the project's terminology file; no rule asks for them. Without them their codes would be codes of nothing, and
# the words beside would be all that is known (book 1.9).
KNOWN_ONLY = {
    "abnormal_flags", "ast", "beta_blocker_clinical_drugs", "beta_blocker_ingredients", "bilirubin_direct",
    "bilirubin_total", "bmi", "body_surface_area", "cardiac_conduction_bradycardia", "focal", "focal_mononeuropathy",
    "glinide_ingredients", "hbv_core_antibody_or_immunity_findings", "heart_rate", "hepatic_disease", "ici_exposure",
    "immunosuppressant_use", "inflammatory_sequelae", "lumbar_puncture", "lymphocyte_count",
    "multiple_myeloma_amyloidosis", "neurotoxic_chemotherapy_ingredients", "neutrophil_count", "oncology",
    "opioid_use_disorder", "orthostatic_agents_ingredients", "other_cns_depressant_ingredients",
    "other_glucose_lowering_ingredients", "pain_score", "radiculopathy", "serotonergic_ingredients", "small_fiber",
    "small_fiber_neuropathy", "suicidality", "troponin", "urea_nitrogen",
}  # fmt: skip

# Groups of the same file whose codes all stand in sets that are read: kept as they are, for sites that map to them.
GROUPS = {
    "autonomic", "cranial", "diabetes_secondary_other", "diabetes_type_1", "diabetes_type_2",
    "hbv_antivirals", "ici_adverse_effect",
    "immune_ivig_poorly_responsive", "ivig_responsive_immune", "multifocal_asymmetric", "other_polyneuropathy",
    "renal_risk_drug", "respiratory_risk", "severe_heart_disease", "vascular_risk_factors",
}  # fmt: skip


def test_every_value_set_is_read_or_part_of_one_that_is_or_else_kept_for_a_reason() -> None:
    parts: dict[str, set[str]] = {}
    for path in VALUE_SETS.glob("**/*/*.yaml"):
        content = read_yaml(path)
        parts.setdefault(path.stem, set()).update(content.get("includes", ()), content.get("excludes", ()))
    read, waiting = set[str](), [name for name in _names_in_use() if name in parts]
    while waiting:
        name = waiting.pop()
        if name not in read:
            read.add(name)
            waiting += parts[name]
    assert set(parts) - read == IN_PARTS | LOOK_ALIKES | KNOWN_ONLY | GROUPS


def _names_in_use() -> Iterator[str]:
    """Names of value sets in triggers, data requests and Python; what is no value set among them does no harm."""
    for card in load_catalogue().cards:
        yield from card.knowledge.triggers
    for request in load_data_requests().values():
        yield from request.concepts
    yield from IN_WORDS
    for path in READERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in OTHER_WORDS:
                yield node.value


@pytest.mark.parametrize("name", sorted(LOOK_ALIKES | KNOWN_ONLY))
def test_a_set_that_nobody_reads_knows_what_no_set_that_is_read_does(name: str) -> None:
    value_sets = load_value_sets()
    read = load_value_sets(only=set(value_sets) - LOOK_ALIKES - KNOWN_ONLY)
    concept = value_sets.concept(name)
    codes = [(system, code.code) for system, rows in concept.codes.items() for code in rows]
    codes += [("icd-10-cm", prefix.start) for prefix in concept.prefixes]
    assert concept.text or any(not read.coded(*code) for code in codes)
