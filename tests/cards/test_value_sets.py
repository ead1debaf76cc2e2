"""What the value sets hold: the lists of the rule book, check digits, and sets that must not overlap."""

from __future__ import annotations

import re
import shutil
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from cards.catalogue import load_data_requests
from cards.concepts import VALUE_SETS, Concept, ValueSets, load_value_sets

FILES = sorted(VALUE_SETS.glob("*/*.yaml")) + sorted(VALUE_SETS.glob("licensed/*/*.yaml"))


@pytest.fixture(scope="module")
def value_sets() -> ValueSets:
    return load_value_sets()


def test_no_code_or_name_of_a_set_is_doubted_by_its_own_words(value_sets: ValueSets) -> None:
    for name in value_sets:
        concept = value_sets.concept(name)
        for text in (*concept.text, *(code.display for _, code in concept.rows.values())):
            assert name not in value_sets.doubted(text, ("lab", "vital", "obs")), f"{name}: {text}"


# Rule book 1.7: every code printed in the table, and codes below its prefixes; "E1x" stands for the five kinds.
BOOK_1_7 = {
    "np_dpn": "E1x.42",
    "np_symm": "G60 G60.0 G60.1 G60.2 G60.3 G60.8 G60.9 G62.1 G62.2 G62.81 G62.82",
    "drug_induced_polyneuropathy": "G62.0",
    "np_symm_by_wording": "G62.89",
    "np_symm_with_cause": "G63",
    "np_unspec": "E1x.40 E1x.41 E1x.49 G62.9 G61.9 M79.2 R20 R20.2 R53.1 M62.81",
    "np_drpn": "E1x.44",
    "np_drpn_with_diabetes": "G73.0",
    "np_plex": "G54.0 G54.1 G54.5 G54.8 G54.9 G55",
    "np_imm": "G61.0 G61.81 G61.82 G70.00 G70.01 G70.80 G70.81 G73.1 G25.82 M33 M33.11 M33.20 M33.90",
    "np_imm_suspected": "G61.89",
    "np_vasc": "G58.7",
    "np_cranial": "G51 G51.0 H49.0 H49.01 H49.1 H49.2 H49.3 H49.4 G52 G52.7 G53",
    "np_cranial_when_new": "G50 G50.0",
    "np_auton": "E1x.43 G90.0 G90.09 G90.8 G90.89 G90.9",
    "np_auton_with_diabetes": "I95.1",
    "np_phn_sci": "B02.2 B02.29 G89.0 G95 G95.9 S14.109S S24.109S S34.109S",
}
NP_SETS = tuple(BOOK_1_7)
BOOK_GROUPS = {
    "ig_other": "D80 D80.2 D81.9 D82.1 D83.9 D84.9 D69.3 M30.3 C91.1 C91.10 C90.0 C90.00 D59.1 D59.10 D76.1 Z94.0"
    " T86.10 G04.81 G36.0 L10.0 L12.0 L51.2 M35.81 P61.0 O36.8210",
    "np_igm_context": "D47.2 C88.0 C88.00 C88.01",
    "np_vasc_context": "M30 M30.0 M31 M31.30 M31.7",
    "np_ici_adverse_effect": "T45.AX5 T45.AX5A T45.AX5D T45.AX5S",
    "antineoplastic_adverse_effect": "T45.1X5 T45.1X5A",
    "other_lic": "G40.909 M79.7 F41.1 G25.81 F10.230 F10.239 N95.1 R05.3 L29.9",
    "leg_weakness_or_gait_limitation": "M21.371 R26.2 G83.10",
    "confined_to_bed_or_wheelchair": "Z74.01 Z99.3",
    "respiratory_failure": "J96.00",
    "paralytic_strabismus": "H49.00 H49.40 H49.881 H49.9",
    "hbv_surface_antigen_coded": "B18.0 B18.1 B17.0 Z22.51",
    "hbv_core_antibody_coded": "B16.9 B19.1 B19.10",
    "b_cell_or_haematological_malignancy": "C81.90 C83.30 C85.9 C90.00 C91.10 C96.9",
    "severe_chronic_kidney_disease": "N18.4 N18.5 N18.6",
    "end_stage_renal_disease": "N18.6",
    "dialysis_dependence": "Z99.2",
    "remission_by_code": "F10.11 F10.21",
    "copd": "J44.9",
    "sleep_apnoea": "G47.33",
    "ckd": "N18.31",
    "acute_kidney_injury": "N17.9",
}


def _codes(printed: str) -> list[str]:
    """Codes of a printed list, "E1x" written out."""
    every = (code.replace("E1x", kind) for code in printed.split() for kind in ("E08", "E09", "E10", "E11", "E13"))
    return list(dict.fromkeys(every))


@pytest.mark.parametrize("name", BOOK_1_7)
def test_the_codes_of_book_1_7_lie_in_their_set_and_in_no_other(value_sets: ValueSets, name: str) -> None:
    for code in _codes(BOOK_1_7[name]):
        assert value_sets.coded("icd-10-cm", code) & frozenset(NP_SETS) == {name}, code


@pytest.mark.parametrize("name", BOOK_GROUPS)
def test_the_code_groups_of_the_book_lie_in_their_set(value_sets: ValueSets, name: str) -> None:
    for code in _codes(BOOK_GROUPS[name]):
        assert name in value_sets.coded("icd-10-cm", code), code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("E10.4", "np_unspec"),
        ("E12.4", "np_unspec"),
        ("E14.4", "np_unspec"),
        ("G63.2", "np_dpn"),
        ("G73.0", "np_drpn_with_diabetes"),
        ("G61.8", "np_imm_suspected"),
        ("G61.0", "np_imm"),
        ("G70.0", "np_imm"),
        ("G62.9", "np_unspec"),
    ],
)
def test_codes_of_who_icd_10_have_the_set_of_the_book(value_sets: ValueSets, code: str, name: str) -> None:
    assert value_sets.coded("http://hl7.org/fhir/sid/icd-10", code) & frozenset(NP_SETS) == {name}


@pytest.mark.parametrize("code", ["E10", "E11.4", "E12.9", "E13.4", "E14", "E14.4"])
def test_every_diabetes_chapter_of_who_icd_10_is_diabetes(value_sets: ValueSets, code: str) -> None:
    assert "diabetes" in value_sets.coded("icd-10", code)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("49455004", "np_dpn"),
        ("40956001", "np_imm"),
        ("128209004", "np_imm"),
        ("39181008", "np_drpn"),
        ("39127005", "np_unspec"),
        ("424736006", "np_unspec"),
        ("247398009", "np_unspec"),
        ("30292005", "np_vasc"),
    ],
)
def test_snomed_codes_have_one_phenotype(value_sets: ValueSets, code: str, name: str) -> None:
    assert value_sets.coded("snomed", code) & frozenset(NP_SETS) == {name}


@pytest.mark.parametrize(("one", "other"), list(combinations(NP_SETS, 2)))
def test_phenotype_sets_share_no_code(value_sets: ValueSets, one: str, other: str) -> None:
    assert _shared(value_sets.concept(one), value_sets.concept(other)) == set()


def _shared(one: Concept, other: Concept) -> set[str]:
    found = {code for _, code in one.rows.keys() & other.rows.keys()}
    for a, b in ((one, other), (other, one)):
        found |= {code for space, code in a.rows if space == "icd" and any(p.covers(code) for p in b.prefixes)}
        found |= {p.start for p in a.prefixes if any(p.start.startswith(q.start) for q in b.prefixes)}
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("positive", "negative"),
        ("positive", "indeterminate"),
        ("negative", "indeterminate"),
        ("negative", "weakly_positive"),
        ("anti_hbc_total", "anti_hbc_igm"),
        ("anti_hbc", "anti_hbc_igm"),
        ("hbsag", "hbsag_confirmatory"),
        ("hbsag", "anti_hbs"),
        ("ivig", "scig"),
        ("ivig", "hyperimmune_globulin"),
        ("ivig", "immune_globulin_intramuscular"),
        ("ivig_ndc", "scig"),
        ("gabapentin", "pregabalin"),
        ("gabapentin_enacarbil", "gabapentin_gastroretentive"),
        ("hbv_antiviral_high_barrier", "hbv_antiviral_low_barrier"),
        ("rituximab", "anti_cd20_other"),
        ("hbv_surface_antigen_coded", "hbv_core_antibody_coded"),
        ("serum_creatinine", "serum_creatinine_peri_dialysis"),
        ("creatinine_clearance", "creatinine_clearance_bsa_normalised"),
        ("creatinine_clearance", "egfr"),
        ("body_weight", "ideal_body_weight"),
        ("hemodialysis", "peritoneal_dialysis"),
        ("dialysis_dependence", "end_stage_renal_disease"),
    ],
)
def test_sets_that_mean_different_things_share_no_code(value_sets: ValueSets, one: str, other: str) -> None:
    assert _shared(value_sets.concept(one), value_sets.concept(other)) == set()


# Rule book 1.9.
BOOK_LOINC: dict[str, str] = {
    "hbsag": "5195-3 5196-1 5197-9 75410-1 63557-3 58452-4",
    "hbsag_confirmatory": "7905-3",
    "anti_hbc": "13952-7 16933-4 75378-0 22316-4 5187-0 5188-8 32685-0 40725-4 51914-0 13919-6 22318-0",
    "anti_hbc_igm": "24113-3 31204-1 22319-8 5185-4 5186-2",
    "anti_hbs": "10900-9 22322-2 39535-0 48070-7 49177-9 16935-9 5193-8",
    "hbv_dna": "29615-2 42595-9 29610-3 11258-1 5007-0 48398-2",
    "hba1c": "4548-4 17856-6 17855-8 4549-2 59261-8",
    "igm": "2472-9",
    "igg": "2465-3",
    "iga": "2458-8",
    "vitamin_b12": "2132-9",
    "folate": "2284-8",
    "tsh": "3016-3",
    "vitamin_b6": "2900-9",
    "glucose": "2345-7 41653-7",
    "serum_creatinine": "2160-0 14682-9 38483-4 77140-2",
    "creatinine_clearance": "2164-2 35591-7",
    "egfr": "98979-8 62238-1 33914-3 77147-7",
    "body_weight": "29463-7 3141-9 3142-7",
    "body_height": "8302-2",
    "alt": "1742-6",
}
BOOK_RXNORM = {
    "pregabalin": "187832",
    "gabapentin": "25480",
    "duloxetine": "72625",
    "amitriptyline": "704",
    "nortriptyline": "7531",
    "tricyclic": "704 7531 5691 3247",
    "opioid": "10689 7804 7052 4337 6813 2670",
    "tramadol": "10689",
    "rituximab": "121191",
    "immune_checkpoint_inhibitors": "1547545 1597876 1792776",
    "ivig": "5666",
}


@pytest.mark.parametrize("name", BOOK_LOINC)
def test_the_loinc_codes_of_the_book_lie_in_their_set_and_in_no_other(value_sets: ValueSets, name: str) -> None:
    for code in BOOK_LOINC[name].split():
        assert value_sets.coded("loinc", code) & BOOK_LOINC.keys() == {name}, code


def test_plain_vitamin_b6_is_not_the_loading_test(value_sets: ValueSets) -> None:
    assert value_sets.coded("loinc", "26057-0") == frozenset()


@pytest.mark.parametrize("name", BOOK_RXNORM)
def test_the_ingredients_of_the_book_lie_in_their_set(value_sets: ValueSets, name: str) -> None:
    for code in BOOK_RXNORM[name].split():
        assert name in value_sets.coded("rxnorm", code), code


def test_unconfirmed_codes_mean_nothing_by_themselves(value_sets: ValueSets) -> None:
    assert value_sets.coded("rxnorm", "1426680") == frozenset()
    assert "ivig" in value_sets.unconfirmed("rxnorm", "1426680")
    assert value_sets.coded("loinc", "5194-6") == frozenset()
    assert "anti_hbs" in value_sets.unconfirmed("loinc", "5194-6")


def test_no_unconfirmed_row_is_answered_as_coded(value_sets: ValueSets) -> None:
    rows = [
        (name, system, code.code)
        for name in value_sets
        for system, codes in value_sets.concept(name).codes.items()
        for code in codes
        if not code.confirmed
    ]
    assert len(rows) > 5
    assert [row for row in rows if row[0] in value_sets.coded(row[1], row[2])] == []


def test_adverse_effects_and_dialysis_keep_the_distinctions_of_the_book(value_sets: ValueSets) -> None:
    assert "np_ici_adverse_effect" not in value_sets.coded("icd-10-cm", "T45.1X5A")
    assert "np_imm" not in value_sets.coded("icd-10-cm", "G72.41")
    assert "dialysis_dependence" not in value_sets.coded("icd-10-cm", "N18.6")
    assert "malignancy" not in value_sets.coded("icd-10-cm", "C44.311")
    assert "malignancy" in value_sets.coded("icd-10-cm", "C34.90")


@pytest.mark.parametrize("code", ["G62.0", "G61.89", "G61.9", "E11.41", "G51.0", "G58.7", "G61.0", "M35.06"])
def test_a_neuropathy_code_is_one(value_sets: ValueSets, code: str) -> None:
    assert "any_neuropathy" in value_sets.coded("icd-10-cm", code)


@pytest.mark.parametrize("code", ["R20.2", "R53.1", "M62.81", "G56.00", "M54.16", "D47.2", "M31.30", "E11.9", "G70.00"])
def test_a_symptom_an_entrapment_or_a_context_is_no_neuropathy_code(value_sets: ValueSets, code: str) -> None:
    assert "any_neuropathy" not in value_sets.coded("icd-10-cm", code)


@pytest.mark.parametrize("code", ["E11.9", "E53.8", "F10.20", "T56.0X1A"])
def test_a_metabolic_or_toxic_cause_is_recognised(value_sets: ValueSets, code: str) -> None:
    assert "metabolic_or_toxic_cause" in value_sets.coded("icd-10-cm", code)


@pytest.mark.parametrize("code", ["E78.5", "E66.9", "I10", "T45.1X5A", "T45.AX5A"])
def test_what_is_no_cause_of_a_polyneuropathy_is_not_counted(value_sets: ValueSets, code: str) -> None:
    assert "metabolic_or_toxic_cause" not in value_sets.coded("icd-10-cm", code)


TENOFOVIR_COMBINATIONS = (
    "Truvada", "Descovy", "Biktarvy", "Genvoya", "Stribild", "Atripla", "Complera", "Eviplera", "Odefsey", "Symfi Lo",
    "Cimduo", "Temixys", "Delstrigo", "Symtuza",
)  # fmt: skip
LAMIVUDINE_COMBINATIONS = ("Triumeq", "Dovato", "Combivir", "Trizivir", "Epzicom", "Kivexa", "Epivir-HBV")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Pregabalin 75 MG Oral Capsule", "pregabalin"),
        ("Lyrica CR 165 mg", "pregabalin_extended_release"),
        ("24 HR pregabalin 330 MG Extended Release Oral Tablet", "pregabalin_extended_release"),
        ("gabapentin 600mg", "gabapentin"),
        ("Neurontin", "gabapentin"),
        ("PRÉGABALINE 75 mg, gélule", "pregabalin"),
        ("Gabapentine 300 mg capsule", "gabapentin"),
        ("Duloxetin 60 mg magensaftresistente Hartkapseln", "duloxetine"),
        ("Co-codamol 30mg/500mg tablets", "opioid"),
        ("Zomorph 10mg modified-release capsules", "opioid"),
        ("Tramacet 37.5mg/325mg tablets", "tramadol"),
        ("Gralise 300 mg", "gabapentin_gastroretentive"),
        ("gabapentin enacarbil ER 600 mg", "gabapentin_enacarbil"),
        ("Horizant", "gabapentin_enacarbil"),
        ("rituximab-abbs (Truxima)", "rituximab"),
        ("MabThera 500 mg", "rituximab"),
        ("Rituxan Hycela", "rituximab_hyaluronidase"),
        ("ocrelizumab", "anti_cd20_other"),
        ("IVIG 30 g", "ivig"),
        ("Immune Globulin Intravenous (Human)", "ivig"),
        ("Octagam 10 %", "ivig"),
        ("Gamunex-C", "ivig"),
        ("Gammagard S/D", "ivig"),
        ("human normal immunoglobulin, intravenous", "ivig"),
        ("immunoglobulin G, human 100 MG/ML Injection", "immune_globulin_route_open"),
        ("Immune globulin (human) 10 %", "immune_globulin_route_open"),
        ("Hizentra", "scig"),
        ("immune globulin subcutaneous (human) 20 %", "scig"),
        ("HBIG", "hyperimmune_globulin"),
        *((brand, "hbv_antiviral_high_barrier") for brand in TENOFOVIR_COMBINATIONS),
        *((brand, "hbv_antiviral_low_barrier") for brand in LAMIVUDINE_COMBINATIONS),
    ],
)
def test_products_are_known_by_name(value_sets: ValueSets, text: str, name: str) -> None:
    assert name in value_sets.named(text, {"med"})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Inpatient consult to Neurology", "neurology"),
        ("Ambulatory referral to Hepatology", "gastroenterology_hepatology"),
        ("IP consult to hepatology", "gastroenterology_hepatology"),
    ],
)
def test_referrals_are_known_by_name(value_sets: ValueSets, text: str, name: str) -> None:
    assert value_sets.named(text, {"referral"}) == {name}


@pytest.mark.parametrize("text", ["Consult to Neurosurgery", "Hepatology clinic note", "Consult to Gastroenterology"])
def test_other_consults_are_no_referral_of_these(value_sets: ValueSets, text: str) -> None:
    assert value_sets.named(text, {"referral"}) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "Hizentra 20 %",
        "Cuvitru",
        "Xembify",
        "Cutaquig",
        "HyQvia",
        "hyaluronidase / immune globulin",
        "immune globulin subcutaneous",
        "subcutaneous immunoglobulin",
        "Gamunex-C 10 % subcutaneous",
        "IVIG product given SC",
        "GamaSTAN",
        "immune globulin intramuscular",
        "hepatitis B immune globulin (human) intravenous",
        "immune globulin intravenous, hepatitis B",
        "HBIG",
        "HepaGam B",
        "Rho(D) immune globulin intravenous (human)",
        "anti-D immunoglobulin IV",
        "WinRho SDF",
        "cytomegalovirus immune globulin intravenous",
        "CMV-IGIV",
        "CytoGam",
        "tetanus immune globulin",
        "rabies immune globulin",
        "botulism immune globulin intravenous (BabyBIG)",
        "varicella zoster immune globulin",
        "anti-thymocyte globulin",
        "lymphocyte immune globulin, anti-thymocyte IV",
        "immunoglobulin panel",
        "IgG",
    ],
)
def test_other_globulins_are_never_taken_for_ivig(value_sets: ValueSets, text: str) -> None:
    assert value_sets.named(text, {"med"}) & {"ivig", "immune_globulin_route_open"} == frozenset()


@pytest.mark.parametrize(
    "text", ["Juluca", "Tivicay", "Isentress", "Emtriva 200 mg", "Ziagen", "Prezcobix", "Cabenuva"]
)
def test_hiv_drugs_without_tenofovir_or_lamivudine_are_no_antiviral_of_hepatitis_b(
    value_sets: ValueSets, text: str
) -> None:
    assert value_sets.named(text, {"med"}) == frozenset()


@pytest.mark.parametrize("text", ["Cimduo", "Temixys", "Delstrigo", "Symfi"])
def test_tenofovir_with_lamivudine_is_the_stronger_of_the_two(value_sets: ValueSets, text: str) -> None:
    assert "hbv_antiviral_low_barrier" not in value_sets.named(text, {"med"})


@pytest.mark.parametrize("text", ["pregnancy test", "Gabapentinoid education", "lidocaine injection", "rituximabum"])
def test_words_that_only_look_alike_name_no_trigger(value_sets: ValueSets, text: str) -> None:
    assert value_sets.named(text, {"med"}) == frozenset()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("HBsAg", "hbsag"),
        ("Hepatitis B Surface Antigen with Reflex to Confirmation", "hbsag"),
        ("HBsAg Screen w/ reflex neutralization", "hbsag"),
        ("HBsAg Confirmation", "hbsag_confirmatory"),
        ("HBsAg, Confirmatory Neutralization", "hbsag_confirmatory"),
        ("Hepatitis B surface antigen (confirmation)", "hbsag_confirmatory"),
        ("Hepatitis B virus surface Ag [Presence] in Serum or Plasma by Neutralization test", "hbsag_confirmatory"),
        ("HBs Ag", "hbsag"),
        ("Hep B Surf Ag w/ reflex", "hbsag"),
        ("HBsAg Conf", "hbsag_confirmatory"),
        ("HBs Ag, confirmation", "hbsag_confirmatory"),
        ("HBsAg Antibody", "anti_hbs_qualitative"),
        ("Anti-HBs Ag", "anti_hbs_qualitative"),
        ("HBc Ab, Total", "anti_hbc_total"),
        ("Hep B Core Total Ab", "anti_hbc_total"),
        ("HBc Ab, IgM", "anti_hbc_igm"),
        ("Antibody to hepatitis B surface antigen", "anti_hbs_qualitative"),
        ("Hepatitis B Core Antibody, Total, with Reflex to IgM", "anti_hbc_total"),
        ("IgM Hepatitis B core antibody", "anti_hbc_igm"),
        ("HBV DNA, quantitative PCR", "hbv_dna_quantitative"),
        ("Creatinine, Serum", "serum_creatinine"),
        ("Plasma creatinine (enzymatic)", "serum_creatinine"),
        ("Hemoglobin A1c, point of care", "hba1c"),
    ],
)
def test_laboratory_tests_are_known_by_name(value_sets: ValueSets, text: str, name: str) -> None:
    assert value_sets.named(text, {"lab"}) == {name}


@pytest.mark.parametrize(
    "text",
    [
        "Donor HBsAg",
        "HBs Ag, donor",
        "HBsAg (mother)",
        "Mother's HBsAg",
        "HBsAg confirmation, donor",
        "Hepatitis B surface antigen vaccine",
        "Hepatitis B core antibody, cord blood",
        "Anti-HBs, breast milk fluid",
        "HBV DNA genotype",
        "Hepatitis B virus DNA resistance mutations",
        "Serum creatinine kinase",
        "Fluid to serum creatinine ratio",
        "BUN/Creatinine, Serum",
        "Serum creatinine goal",
        "Serum creatinine pre-dialysis",
        "Serum creatinine, 24 hour urine clearance",
        "Baseline serum creatinine",
        "Serum creatinine-based eGFR",
        "Creatinine blood, donor",
        "HbA1c goal",
        "Target hemoglobin A1c",
        "Estimated average glucose from HbA1c",
    ],
)
def test_a_name_with_a_word_of_another_test_is_none_of_ours(value_sets: ValueSets, text: str) -> None:
    assert value_sets.named(text, {"lab"}) == frozenset()


def test_every_laboratory_test_of_a_chart_that_is_known_by_name_heeds_the_words_of_other_tests(
    value_sets: ValueSets,
) -> None:
    asked_for = {name for request in load_data_requests().values() for name in request.concepts}
    by_name = {name for name in asked_for if value_sets.concept(name).kind == "lab" and value_sets.concept(name).text}
    assert len(by_name) > 7
    assert {name for name in by_name if "another_test" not in value_sets.concept(name).includes} == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("POSITIVE", "positive"),
        ("Reactive", "positive"),
        ("Detected", "positive"),
        ("Negative", "negative"),
        ("Non-Reactive", "negative"),
        ("nonreactive", "negative"),
        ("Not detected", "negative"),
        ("Equivocal", "indeterminate"),
        ("indeterminate", "indeterminate"),
        ("Gray zone", "indeterminate"),
        ("grayzone", "indeterminate"),
        ("weakly positive", "weakly_positive"),
    ],
)
def test_result_words_have_one_meaning(value_sets: ValueSets, text: str, name: str) -> None:
    assert value_sets.called(text, {"result"}) == value_sets.named(text, {"result"}) == {name}


@pytest.mark.parametrize("text", ["see comment", "Negative, see comment", "repeat", ""])
def test_other_words_are_no_result(value_sets: ValueSets, text: str) -> None:
    assert value_sets.called(text, {"result"}) == frozenset()


def test_small_fibre_wording_is_known(value_sets: ValueSets) -> None:
    assert "np_symm_by_wording" in value_sets.named("Small-fiber neuropathy of the feet", {"book"})
    assert "np_drpn" in value_sets.named("Diabetic amyotrophy, left thigh", {"cond", "book"})
    drpn = "Lumbosacral radiculoplexus neuropathy due to type 2 diabetes mellitus"
    assert "np_drpn" in value_sets.named(drpn, {"cond", "book"})
    assert "np_drpn" not in value_sets.named("Lumbosacral radiculoplexus neuropathy", {"cond", "book"})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GBS", "gbs"),
        ("AMSAN", "gbs"),
        ("Miller-Fisher variant of GBS", "gbs"),
        ("MADSAM", "cidp"),
        ("generalized MG, AChR positive", "myasthenia_gravis"),
        ("MG exacerbation", "myasthenia_gravis"),
        ("stiff-person syndrome", "stiff_person"),
        ("IgG deficiency", "primary_immunodeficiency"),
        ("SCID", "primary_immunodeficiency"),
        ("kidney transplant rejection", "ig_other"),
        ("status post stem cell transplantation", "ig_other"),
        ("deceased donor kidney transplant", "ig_other"),
        ("GBS in pregnancy, status post IVIG", "gbs"),
        ("CLL", "ig_other"),
        ("warm AIHA", "ig_other"),
        ("HLH", "ig_other"),
        ("NMO", "ig_other"),
        ("bullous pemphigoid", "ig_other"),
        ("FNAIT", "ig_other"),
        ("autoimmune encephalitis", "ig_other"),
        ("immune-mediated neuropathy", "np_imm_suspected"),
        ("PID", "immunoglobulin_reason_in_short"),
    ],
)
def test_immune_diseases_are_known_by_the_names_clinicians_write(value_sets: ValueSets, text: str, name: str) -> None:
    assert name in value_sets.named(text, {"cond", "book"})


@pytest.mark.parametrize(
    "text",
    [
        "GBS positive",
        "GBS bacteriuria in pregnancy",
        "group B strep (GBS)",
        "sequelae of GBS",
        "40 mg flare dose",
        "congenital myasthenia",
        "pelvic inflammatory disease",
        "multiple sclerosis (MS)",
        "kidney transplant candidate",
        "living kidney donor",
        "human immunodeficiency virus",
        "PTEN hamartoma",
        "ten days of weakness",
    ],
)
def test_what_only_looks_like_an_immune_disease_is_none(value_sets: ValueSets, text: str) -> None:
    immune = {"np_imm", "np_imm_suspected", "ig_other", "immunoglobulin_reason_in_short"}
    assert value_sets.named(text, {"cond", "book"}) & immune == frozenset()


@pytest.mark.parametrize(
    ("concept", "value", "unit", "canonical"),
    [
        ("serum_creatinine", 221, "umol/L", 2.5),
        ("serum_creatinine", 0.221, "mmol/L", 2.5),
        ("serum_creatinine", 25, "mg/L", 2.5),
        ("hba1c", 53, "mmol/mol", 7.00),
        ("hba1c", 48, "mmol/mol", 6.54),
        ("igm", 4.0, "g/dL", 40.0),
        ("igm", 4000, "mg/dL", 40.0),
        ("iga", 7, "mg/dL", 0.07),
        ("body_weight", 176, "[lb_av]", 79.83),
        ("body_weight", 80_000, "g", 80),
        ("body_height", 70, "[in_i]", 177.8),
        ("body_height", 1.78, "m", 178),
        ("glucose", 11.1, "mmol/L", 199.8),
        ("creatinine_clearance", 1.5, "mL/s", 90),
        ("anti_hbs_quantitative", 10, "[IU]/L", 10),
        ("platelets", 150_000, "/uL", 150),
        ("qtc", 0.5, "s", 500),
    ],
)
def test_units_are_converted_as_the_book_says(
    value_sets: ValueSets, concept: str, value: float, unit: str, canonical: float
) -> None:
    conversion = value_sets.concept(concept).conversion(unit)
    assert conversion is not None
    assert conversion.canonical(value) == pytest.approx(canonical, abs=0.005)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("mg/dl", "mg/dL"),
        ("µmol/L", "umol/L"),
        ("umol/l", "umol/L"),
        ("mcg", "ug"),
        ("lbs", "[lb_av]"),
        ("kg", "kg"),
        ("cc", "mL"),
        ("IU/L", "[IU]/L"),
        ("mmHg", "mm[Hg]"),
        ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73 m²", "mL/min/{1.73_m2}"),
        ("mL/min/1.73\u200bm2", "mL/min/{1.73_m2}"),
        ("mIU/mL", "m[IU]/mL"),
        ("gram per deciliter", "g/dL"),
        ("capsules", "{capsule}"),
    ],
)
def test_units_are_read_as_senders_write_them(value_sets: ValueSets, written: str, code: str) -> None:
    assert value_sets.unit(written) == code


@pytest.mark.parametrize("written", ["G/L", "gr", "unit", "mEq/L", "oz", "mg/kg/d", "", "stone"])
def test_units_with_two_meanings_or_none_stay_unknown(value_sets: ValueSets, written: str) -> None:
    assert value_sets.unit(written) is None


def test_every_loinc_code_has_its_check_digit(value_sets: ValueSets) -> None:
    codes = {code for name in value_sets for code in value_sets.codes(name, "loinc")}
    tests = {code for code in codes if not code.startswith("LA")}  # LA: answers, numbered in another way
    assert len(tests) > 200
    assert [code for code in tests if not re.fullmatch(r"\d+-\d", code) or not _mod_10(code)] == []


def _mod_10(code: str) -> bool:
    digits = [int(digit) for digit in re.sub(r"\D", "", code)]
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def test_every_icd_code_and_prefix_has_the_form_of_one(value_sets: ValueSets) -> None:
    form = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
    codes = {code for name in value_sets for code in value_sets.codes(name, "icd-10-cm")}
    codes |= {code for name in value_sets for code in value_sets.codes(name, "icd-10")}
    assert [code for code in codes if not form.fullmatch(code)] == []
    starts = {prefix.start for name in value_sets for prefix in value_sets.concept(name).prefixes}
    assert [start for start in starts if not re.fullmatch(r"[A-Z](\d[0-9A-Z]*)?", start)] == []


@pytest.fixture(scope="module")
def written() -> dict[Path, dict[str, Any]]:
    """The files as any YAML reader reads them."""
    return {path: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) for path in FILES}


def test_every_file_reads_the_same_to_any_yaml_reader(
    value_sets: ValueSets, written: dict[Path, dict[str, Any]]
) -> None:
    for path, content in written.items():
        used = set()
        for system, rows in content.get("codes", {}).items():
            for row in rows:
                code = value_sets.row(path.stem, system, row["code"])
                assert code is not None, (path, row)
                assert code.sources, (path, row)
                used.update(row["from"])
        assert set(content.get("sources", {})) == used, path


def test_licensed_content_stands_in_its_folder_only(written: dict[Path, dict[str, Any]]) -> None:
    for path, content in written.items():
        systems = set(content.get("codes", {}))
        assert systems <= {"snomed", "atc"} if "licensed" in path.parts else "atc" not in systems, path


def test_the_service_works_without_the_licensed_folder(tmp_path: Path) -> None:
    folder = tmp_path / "value_sets"
    shutil.copytree(VALUE_SETS, folder, ignore=shutil.ignore_patterns("licensed"))
    found = load_value_sets(folder)
    assert set(found) == set(load_value_sets())
    assert found.coded("atc", "N03AX16") == frozenset()
    assert load_value_sets().coded("atc", "N03AX16") >= {"pregabalin"}
    assert all("anti_cd20" in load_value_sets().coded("atc", code) for code in ("L01FA01", "L01FA03", "L04AG08"))
    assert "np_dpn" in found.coded("snomed", "49455004")


def test_the_german_edition_of_atc_has_the_codes_of_the_original(value_sets: ValueSets) -> None:
    german = "http://fhir.de/CodeSystem/bfarm/atc"
    assert value_sets.coded(german, "N02BF02") == value_sets.coded("http://www.whocc.no/atc", "N02BF02") != frozenset()


def test_every_result_set_of_a_suggested_test_is_there(value_sets: ValueSets) -> None:
    tests = value_sets.concept("suggestion_tests").codes["loinc"]
    assert len({test.hints["key"] for test in tests}) == len(tests) > 30
    for test in tests:
        assert str(test.hints["resultSet"]) in value_sets
        assert str(test.hints["resultSet"]) in value_sets.coded("loinc", test.code)


def test_every_brand_of_a_row_is_spelt_as_in_the_products(value_sets: ValueSets) -> None:
    products = {str(product["brand"]) for product in value_sets.concept("ivig_excipients").products}
    brands = {str(code.hints["brand"]) for code in value_sets.concept("ivig").codes["rxnorm"] if "brand" in code.hints}
    assert brands <= products
