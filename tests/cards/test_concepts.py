"""How codes, words and units are looked up, on value sets small enough to read here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cards.concepts import Strength, ValueSets, load_value_sets
from cards.errors import InvalidKnowledge

SYSTEMS = """
rxnorm: {uri: "http://www.nlm.nih.gov/research/umls/rxnorm", aliases: ["urn:oid:2.16.840.1.113883.6.88"]}
icd-10-cm: {uri: "http://hl7.org/fhir/sid/icd-10-cm", aliases: ["urn:oid:2.16.840.1.113883.6.90"]}
icd-10: {uri: "http://hl7.org/fhir/sid/icd-10"}
snomed: {uri: "http://snomed.info/sct"}
ndc: {uri: "http://hl7.org/fhir/sid/ndc"}
interpretation: {uri: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"}
"""
UNITS = """
lbs: "[lb_av]"
ml/min/1.73m2: "mL/min/{1.73_m2}"
umol/l: umol/L
"""
HEAD = "concept: {name}\ntitle: {name}\ndescription: A set for tests.\n"
Write = Callable[..., ValueSets]


@pytest.fixture
def value_sets(tmp_path: Path) -> Write:
    """Writes value sets given as kind/name → text after title and description, and loads them."""

    def write(*, licensed: bool = True, only: list[str] | None = None, **sets: str) -> ValueSets:
        (tmp_path / "systems.yaml").write_text(SYSTEMS)
        (tmp_path / "unit_aliases.yaml").write_text(UNITS)
        for place, text in sets.items():
            path = tmp_path / (place.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            is_licensed = "licensed" in path.parts
            head = f"concept: {path.stem}\n" if is_licensed else HEAD.format(name=path.stem)
            path.write_text(head + text.strip() + "\n")
        return load_value_sets(tmp_path, licensed=licensed, only=only)

    return write


DIABETES = "prefixes: {icd-10-cm: [E10, E11]}\n"
CANCER = "prefixes: {icd-10-cm: [C]}\nexclude_prefixes: [C44]\n"
PREGABALIN = """
text: [pregabalin, lyrica]
sources:
  a: "a public list"
codes:
  rxnorm:
  - {"code": "187832", "display": "pregabalin", "tty": "IN", "from": ["a"]}
  - {"code": "483440", "display": "capsule", "strength": {"value": 150, "unit": "mg", "per": "capsule"}, "from": ["a"]}
  - {"code": "999", "display": "pregabalin, maybe", "status": "unconfirmed", "confidence": "medium", "from": ["a"]}
"""


@pytest.mark.parametrize(
    "system",
    [
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "https://www.nlm.nih.gov/research/umls/rxnorm",
        "http://www.nlm.nih.gov/research/umls/rxnorm/",
        "urn:oid:2.16.840.1.113883.6.88",
        "2.16.840.1.113883.6.88",
        "rxnorm",
        "RxNorm",
    ],
)
def test_a_code_is_found_under_every_form_of_its_system(value_sets: Write, system: str) -> None:
    assert value_sets(med__pregabalin=PREGABALIN).coded(system, "187832") == {"pregabalin"}


@pytest.mark.parametrize(
    ("system", "code"), [("rxnorm", ""), (None, "187832"), ("", "187832"), ("urn:other", "187832"), ("rxnorm", "1")]
)
def test_a_code_without_a_system_of_ours_means_nothing(value_sets: Write, system: str | None, code: str) -> None:
    found = value_sets(med__pregabalin=PREGABALIN)
    assert found.coded(system, code) == frozenset()
    assert found.unconfirmed(system, code) == frozenset()


def test_an_unconfirmed_code_is_kept_apart(value_sets: Write) -> None:
    found = value_sets(med__pregabalin=PREGABALIN)
    assert found.coded("rxnorm", "999") == frozenset()
    assert found.unconfirmed("rxnorm", "999") == {"pregabalin"}
    assert found.unconfirmed("rxnorm", "187832") == frozenset()
    row = found.row("pregabalin", "rxnorm", "999")
    assert row is not None
    assert not row.confirmed


def test_a_row_keeps_strength_hints_and_sources(value_sets: Write) -> None:
    found = value_sets(med__pregabalin=PREGABALIN)
    capsule = found.row("pregabalin", "rxnorm", "483440")
    assert capsule is not None
    assert capsule.strength == Strength(150, "mg", "capsule")
    assert capsule.sources == ("a public list",)
    assert capsule.system == "http://www.nlm.nih.gov/research/umls/rxnorm"
    ingredient = found.row("pregabalin", "rxnorm", "187832")
    assert ingredient is not None
    assert ingredient.hints == {"tty": "IN"}
    assert found.row("pregabalin", "rxnorm", "1") is None
    assert found.row("pregabalin", "urn:other", "187832") is None


def test_codes_come_in_the_order_of_the_file_with_those_included_and_unconfirmed(value_sets: Write) -> None:
    found = value_sets(med__pregabalin=PREGABALIN, med__gabapentinoid="includes: [pregabalin]\n")
    assert found.codes("gabapentinoid", "rxnorm") == ("187832", "483440", "999")
    assert found.codes("gabapentinoid", "snomed") == ()
    with pytest.raises(InvalidKnowledge, match="code system 'loinc'"):
        found.codes("gabapentinoid", "loinc")


def test_the_uri_of_a_system_is_told_for_every_form(value_sets: Write) -> None:
    found = value_sets(med__pregabalin=PREGABALIN)
    assert found.system_uri("urn:oid:2.16.840.1.113883.6.90") == "http://hl7.org/fhir/sid/icd-10-cm"
    assert found.system_uri("urn:other") is None
    assert found.system_uri(None) is None


@pytest.mark.parametrize("edition", ["900000000000207008", "731000124108", "731000124108/version/20240301"])
def test_an_edition_of_snomed_ct_is_snomed_ct(edition: str) -> None:
    assert load_value_sets().short_name(f"http://snomed.info/sct/{edition}") == "snomed"
    assert load_value_sets().short_name(f"http://snomed.info/xsct/{edition}") is None


@pytest.mark.parametrize("code", ["E11.42", "E1142", "e11.42", " E11.42 ", "E11", "E11.4†", "E11.4+", "E11.X"])
def test_an_icd_prefix_matches_with_and_without_dot_in_any_case(value_sets: Write, code: str) -> None:
    assert value_sets(cond__diabetes=DIABETES).coded("icd-10-cm", code) == {"diabetes"}


@pytest.mark.parametrize("code", ["E12.1", "E1", "XE11"])
def test_an_icd_code_outside_the_prefix_does_not_match(value_sets: Write, code: str) -> None:
    assert value_sets(cond__diabetes=DIABETES).coded("icd-10-cm", code) == frozenset()


def test_an_icd_prefix_says_nothing_about_other_systems(value_sets: Write) -> None:
    assert value_sets(cond__diabetes=DIABETES).coded("snomed", "E11.42") == frozenset()


def test_excluded_prefixes_are_taken_out_again(value_sets: Write) -> None:
    found = value_sets(cond__malignancy=CANCER, cond__any="includes: [malignancy]\n")
    assert found.coded("icd-10-cm", "C34.90") == {"malignancy", "any"}
    assert found.coded("icd-10-cm", "C44.311") == frozenset()


def test_who_and_clinical_modification_are_one_space(value_sets: Write) -> None:
    rows = 'sources:\n  a: "x"\ncodes:\n  icd-10:\n  - {"code": "G63.2", "display": "d", "from": ["a"]}\n'
    found = value_sets(cond__diabetes=DIABETES, cond__dpn=rows)
    assert found.coded("http://hl7.org/fhir/sid/icd-10", "E11.4") == {"diabetes"}
    assert found.coded("icd-10", "G63.2") == found.coded("icd-10-cm", "G632") == {"dpn"}


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("68982084003", True),
        ("68982-0840-03", True),
        ("68982-840-03", True),
        ("68982-0840", True),
        ("689820840", True),
        ("0069-8476-01", False),
        ("6898208403", False),
        ("68982-084x-03", False),
    ],
)
def test_an_ndc_is_compared_by_labeler_and_product(value_sets: Write, code: str, is_found: bool) -> None:
    rows = 'sources:\n  a: "x"\ncodes:\n  ndc:\n  - {"code": "689820840", "display": "Octagam 5%", "from": ["a"]}\n'
    assert value_sets(med__octagam=rows).coded("ndc", code) == ({"octagam"} if is_found else frozenset())


def test_a_short_labeler_of_an_ndc_is_filled_up(value_sets: Write) -> None:
    rows = 'sources:\n  a: "x"\ncodes:\n  ndc:\n  - {"code": "000698476", "display": "Octagam 5%", "from": ["a"]}\n'
    found = value_sets(med__octagam=rows)
    assert found.coded("ndc", "0069-8476-01") == {"octagam"}
    assert found.coded("ndc", "00069-8476-01") == {"octagam"}


def test_letters_of_an_interpretation_keep_their_case(value_sets: Write) -> None:
    rows = 'sources:\n  a: "x"\ncodes:\n  interpretation:\n  - {"code": "POS", "display": "Positive", "from": ["a"]}\n'
    found = value_sets(result__positive=rows)
    assert found.coded("interpretation", "POS") == {"positive"}
    assert found.coded("interpretation", "pos") == frozenset()


def test_what_a_concept_excludes_is_left_out_of_what_it_includes(value_sets: Write) -> None:
    found = value_sets(
        cond__all_liver="prefixes: {icd-10-cm: [K7]}\n",
        cond__steatosis=(
            'sources:\n  a: "x"\ncodes:\n  icd-10-cm:\n  - {"code": "K76.0", "display": "d", "from": ["a"]}\n'
            '  snomed:\n  - {"code": "197321007", "display": "d", "from": ["a"]}\n'
        ),
        cond__liver="includes: [all_liver, steatosis]\nexcludes: [steatosis]\n",
        cond__liver_but_failure="includes: [all_liver]\nexclude_prefixes: [K72]\n",
    )
    assert found.coded("icd-10-cm", "K76.0") == {"all_liver", "steatosis", "liver_but_failure"}
    assert found.coded("snomed", "197321007") == {"steatosis"}
    assert found.coded("icd-10-cm", "K72.9") == {"all_liver", "liver"}


def test_files_of_one_name_are_one_concept(value_sets: Write) -> None:
    rows = 'sources:\n  a: "x"\ncodes:\n  icd-10-cm:\n  - {"code": "Z51.5", "display": "d", "from": ["a"]}\n'
    found = value_sets(cond__palliative=rows, enc__palliative="text: [palliative care]\n")
    assert found.concept("palliative").kinds == ("cond", "enc")
    assert found.coded("icd-10-cm", "Z51.5") == {"palliative"}
    assert found.named("Palliative care ward", {"enc"}) == {"palliative"}


LICENSED = 'sources:\n  a: "x"\ncodes:\n  snomed:\n  - {"code": "1", "display": "d", "from": ["a"]}\n'


def test_the_licensed_folder_adds_rows_and_can_be_left_out(value_sets: Write) -> None:
    sets = {"cond__diabetes": DIABETES, "licensed__cond__diabetes": LICENSED}
    assert value_sets(**sets).coded("snomed", "1") == {"diabetes"}
    without = value_sets(licensed=False, **sets)
    assert without.coded("snomed", "1") == frozenset()
    assert without.coded("icd-10-cm", "E11") == {"diabetes"}


def test_a_licensed_file_needs_a_file_beside_it(value_sets: Write) -> None:
    with pytest.raises(InvalidKnowledge, match=r"diabetes\.yaml: concept: has no file outside"):
        value_sets(licensed__cond__diabetes=LICENSED)


def test_only_the_concepts_asked_for_are_read_with_what_they_need(value_sets: Write) -> None:
    found = value_sets(
        only=["dpn"],
        cond__diabetes=DIABETES,
        cond__malignancy=CANCER,
        cond__unused="no field: of ours\n",
        cond__dpn="includes: [diabetes]\nexcludes: [malignancy]\n",
    )
    assert set(found) == {"dpn", "diabetes", "malignancy"}
    assert len(found) == 3
    assert "unused" not in found
    with pytest.raises(InvalidKnowledge, match="no value set 'dnp'"):
        value_sets(only=["dnp"])


def test_an_unknown_concept_is_named(value_sets: Write) -> None:
    with pytest.raises(InvalidKnowledge, match="no value set 'pregabaline'"):
        value_sets(med__pregabalin=PREGABALIN).concept("pregabaline")


def test_words_are_whole_and_folded(value_sets: Write) -> None:
    found = value_sets(med__pregabalin=PREGABALIN)
    for text in ("Pregabalin 75 mg", "LYRICA®", "pre\u200bgabalin", "cap. prégabalin/placebo", "lyrica-75"):
        assert found.named(text, {"med"}) == {"pregabalin"}, text
    for text in ("pregabaline", "mypregabalin", "", "pre gabalin"):
        assert found.named(text, {"med"}) == frozenset(), text


def test_only_words_of_the_kinds_asked_for_count(value_sets: Write) -> None:
    found = value_sets(
        allergy__globulin="text: [immune globulin]\n",
        med__hyperimmune="text: [hepatitis b immune globulin]\n",
    )
    assert found.named("Hepatitis B immune globulin", {"med"}) == {"hyperimmune"}
    assert found.named("Hepatitis B immune globulin", {"allergy"}) == {"globulin"}
    assert found.named("Hepatitis B immune globulin", ()) == frozenset()


def test_the_longest_phrase_counts(value_sets: Write) -> None:
    found = value_sets(
        med__ivig="text: [immune globulin intravenous, immune globulin]\n",
        med__hyperimmune="text: [botulism immune globulin]\n",
    )
    assert found.named("botulism immune globulin intravenous", {"med"}) == {"hyperimmune"}
    assert found.named("immune globulin and botulism immune globulin", {"med"}) == {"ivig", "hyperimmune"}


def test_a_unit_after_a_number_is_no_name(value_sets: Write) -> None:
    found = value_sets(cond__myasthenia="text: [mg crisis]\n")
    for text in ("MG crisis", "mg crisis, 2 days", "crisis (MG): MG crisis"):
        assert found.named(text, {"cond"}) == {"myasthenia"}, text
    for text in ("20 mg crisis", "prednisone 20 mg, crisis", "20mg crisis"):
        assert found.named(text, {"cond"}) == frozenset(), text


def test_a_word_elsewhere_in_the_text_can_take_a_name_away(value_sets: Write) -> None:
    found = value_sets(
        med__ivig="text: [immune globulin]\ntext_unless: [subcutaneous, rho d]\n",
        med__any_globulin="includes: [ivig]\n",
    )
    assert found.named("immune globulin 10 %", {"med"}) == {"ivig", "any_globulin"}
    assert found.named("immune globulin 20 %, subcutaneous", {"med"}) == frozenset()
    assert found.named("immune globulin, Rho(D)", {"med"}) == frozenset()


def test_what_is_said_behind_a_name(value_sets: Write) -> None:
    found = value_sets(lab__antigen="text: [hbsag, hbsag screen]\n", lab__antibody="text: [hbsag antibody]\n")
    assert found.said_of("antigen", "HBsAg screen: Non-reactive") == "non reactive"
    assert found.said_of("antigen", "HBsAg") == found.said_of("antigen", "negative HBsAg") == ""
    assert found.said_of("antibody", "HBsAg negative") == found.said_of("antigen", "") == ""


def test_a_code_is_not_believed_beside_the_name_of_another_test(value_sets: Write) -> None:
    found = value_sets(
        lab__other="code_unless: [urine]\ntext_unless: [urine]\n",
        lab__creatinine="text: [serum creatinine]\ncode_unless: [uric acid]\nincludes: [other]\n",
    )
    assert found.doubted("Creatinine, urine", {"lab"}) == {"creatinine", "other"}
    assert found.doubted("Serum creatinine (urine)", {"lab"}) == {"creatinine", "other"}
    assert found.doubted("Uric Acid", {"lab"}) == {"creatinine"}
    assert found.doubted("Serum creatinine and uric acid", {"lab"}) == frozenset()
    assert found.doubted("Creatinine", {"lab"}) == frozenset()


def test_a_concept_is_named_by_the_words_of_those_it_includes(value_sets: Write) -> None:
    found = value_sets(
        med__pregabalin=PREGABALIN, med__alpha2delta="includes: [pregabalin]\n", med__all="includes: [alpha2delta]\n"
    )
    assert found.named("Lyrica", {"med"}) == {"pregabalin", "alpha2delta", "all"}


def test_called_wants_the_whole_text(value_sets: Write) -> None:
    found = value_sets(result__negative="text: [negative, non reactive]\n")
    assert found.called("Non-Reactive.", {"result"}) == {"negative"}
    assert found.called("negative, see comment", {"result"}) == frozenset()
    assert found.called("negative", {"lab"}) == frozenset()
    assert found.called("", {"result"}) == frozenset()


CREATININE = """
unit: mg/dL
units:
- {code: mg/dL}
- {code: umol/L, divide_by: 88.4}
plausible: {from: 0.1, to: 20, source: book 1.3}
"""
HBA1C = """
unit: "%"
units:
- {code: "%", at_most: 20}
- {code: mmol/mol, at_least: 20, multiply_by: 0.09148, add: 2.152}
other_units: ["{ratio}"]
unreadable: ignored
"""


def test_a_value_is_converted_to_the_canonical_unit(value_sets: Write) -> None:
    creatinine = value_sets(lab__creatinine=CREATININE).concept("creatinine")
    assert creatinine.unit == "mg/dL"
    conversion = creatinine.conversion("umol/L")
    assert conversion is not None
    assert conversion.canonical(221) == pytest.approx(2.5)
    assert creatinine.conversion("mg/mL") is None
    assert creatinine.plausible is not None
    assert [value in creatinine.plausible for value in (0.09, 0.1, 20, 20.1)] == [False, True, True, False]
    assert not creatinine.unreadable_is_ignored


def test_a_value_that_cannot_have_been_meant_in_its_unit_is_not_converted(value_sets: Write) -> None:
    hba1c = value_sets(lab__hba1c=HBA1C).concept("hba1c")
    percent, ifcc = hba1c.units
    assert percent.canonical(20) == 20
    assert percent.canonical(20.1) is None
    assert ifcc.canonical(19.9) is None
    assert ifcc.canonical(53) == pytest.approx(7.00, abs=0.005)
    assert hba1c.other_units == ("{ratio}",)
    assert hba1c.unreadable_is_ignored


def test_a_number_is_positive_from_its_edge_on_or_above_it(value_sets: Write) -> None:
    unit = "unit: mIU\nunits: [{code: mIU}]\n"
    found = value_sets(
        lab__antibody=unit + "positive: {from: 10, source: book 1.9}\n",
        lab__dna=unit + "positive: {above: 0, source: book 5.2}\n",
    )
    antibody, dna = found.concept("antibody"), found.concept("dna")
    assert antibody.kind == "lab"
    assert antibody.positive is not None
    assert dna.positive is not None
    assert [value in antibody.positive for value in (9.9, 10)] == [False, True]
    assert [value in dna.positive for value in (0, 1)] == [False, True]


def test_a_unit_is_known_by_its_code_and_by_the_spellings_listed(value_sets: Write) -> None:
    found = value_sets(lab__creatinine=CREATININE, lab__hba1c=HBA1C)
    assert found.unit("mg/dL") == "mg/dL"
    assert found.unit("lbs") == "[lb_av]"
    assert found.unit("[lb_av]") == "[lb_av]"
    assert found.unit("{ratio}") == "{ratio}"
    assert found.unit("ml/min/1.73\u200bm²") == "mL/min/{1.73_m2}"
    assert found.unit("µmol/l") == found.unit("μmol/L") == "umol/L"
    assert found.unit("furlong") is None
    assert found.unit("") is None


def test_an_annotation_does_not_change_a_unit(value_sets: Write) -> None:
    found = value_sets(lab__creatinine=CREATININE, lab__hba1c=HBA1C)
    assert found.unit("%{HbA1c}") == found.unit("%{Hb}") == "%"
    assert found.unit("mg/dL{serum}") == "mg/dL"
    assert found.unit("mL/min{1.73_m2}") is None  # of the body surface: no annotation but by its looks
    assert found.unit("{HbA1c}") is None


SOURCE = 'sources:\n  a: "s"\n'
ROW = '  - {"code": "1", "display": "d", "from": ["a"]}\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("colour: red\n", "cond/x.yaml: colour: no field"),
        ("includes: [y]\n", "cond/x.yaml: includes: there is no value set 'y'"),
        ("excludes: [y]\n", "cond/x.yaml: excludes: there is no value set 'y'"),
        ("includes: [x]\n", "cond/x.yaml: includes: circular: x > x"),
        ("includes: y\n", "cond/x.yaml: includes: expected a list"),
        ("prefixes: {snomed: [1]}\n", "cond/x.yaml: prefixes: can only be given for icd-10-cm"),
        ("prefixes: {icd-10-cm: [1]}\n", "cond/x.yaml: prefixes: expected a list of words"),
        ("text: [Pregabalin]\n", "cond/x.yaml: text: 'Pregabalin' is compared as 'pregabalin'"),
        ("unit: mg\n", "cond/x.yaml: units: the canonical unit comes first"),
        ("unit: mg\nunits: [{code: g}]\n", "cond/x.yaml: units: the canonical unit comes first"),
        ("unit: mg\nunits: [{code: mg, times: 2}]\n", "cond/x.yaml: units: each has a UCUM code"),
        ("plausible: {from: 1}\n", "cond/x.yaml: plausible: write from, to and source"),
        ("positive: {from: 1, above: 2, source: s}\n", "cond/x.yaml: positive: write from"),
        ("unreadable: maybe\n", "cond/x.yaml: unreadable: only 'ignored'"),
        ("text: [a\n", "cond/x.yaml: .*while parsing"),
        ('codes:\n  loinc:\n  - {"code": "1", "display": "d", "from": ["a"]}\n', "codes.loinc: no code system"),
        ('codes:\n  rxnorm:\n  - {"code": "1", "display": "d", "from": ["a"]}\n', "cond/x.yaml: codes.rxnorm: .*'a'"),
        ('codes:\n  rxnorm:\n  - {"code": "1", "from": []}\n', "codes.rxnorm: .*'display'"),
        ('codes:\n  rxnorm:\n  - {"code": "1", "display": "d", "from": []}\n', "codes.rxnorm.1: .*at least one source"),
        ('sources:\n  a: "s"\ncodes:\n  rxnorm:\n  - {"code": 1, "display": "d", "from": ["a"]}\n', "code in quotes"),
        (
            'sources:\n  a: "s"\ncodes:\n  rxnorm:\n  - {"code": "1", "display": "d", "status": "x", "from": ["a"]}\n',
            "cond/x.yaml: codes.rxnorm.1: status is 'x'",
        ),
        (
            'sources:\n  a: "s"\ncodes:\n  rxnorm:\n  - {"code": "1", "display": "d", "strength": 5, "from": ["a"]}\n',
            "cond/x.yaml: codes.rxnorm: .*strength",
        ),
        (
            f"{SOURCE}codes:\n  rxnorm:\n{ROW}{ROW}",
            "cond/x.yaml: codes.rxnorm: a code stands twice",
        ),
    ],
)
def test_a_mistake_is_reported_with_file_and_field(value_sets: Write, text: str, complaint: str) -> None:
    with pytest.raises(InvalidKnowledge, match=complaint):
        value_sets(cond__x=text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- a list", "expected a mapping that begins with 'concept'"),
        ("concept: y\ntitle: t\ndescription: d\n", "concept: is 'y'; the file name says 'x'"),
        ("concept: x\ndescription: d\n", "title: missing"),
    ],
)
def test_a_file_says_what_it_is(value_sets: Write, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "cond").mkdir()
    (tmp_path / "cond" / "x.yaml").write_text(text)
    with pytest.raises(InvalidKnowledge, match=complaint):
        value_sets(cond__diabetes=DIABETES)


@pytest.mark.parametrize(
    ("systems", "complaint"),
    [
        ("[]", "expected a mapping of short names"),
        ("rxnorm: {}", "system 'rxnorm' has no uri"),
        ("a: {uri: 'http://x'}\nb: {uri: 'https://X/'}", "stands under 'a' and 'b'"),
    ],
)
def test_a_mistake_in_the_systems_is_reported(tmp_path: Path, systems: str, complaint: str) -> None:
    (tmp_path / "systems.yaml").write_text(systems)
    with pytest.raises(InvalidKnowledge, match=f"systems.yaml: .*{complaint}"):
        load_value_sets(tmp_path)


def test_a_folder_without_systems_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidKnowledge, match=r"systems\.yaml"):
        load_value_sets(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "sources: {a: x}\ncodes:\n  rxnorm:\n  - {code: '187832', display: pregabalin, from: [a]}\n",
        'sources: {a: x}\ncodes:\n  rxnorm:\n  - {"code": "187832", "display": "pregabalin", "from": ["a"]}\n',
        "sources: {a: x}\ncodes: {rxnorm: [{code: '187832', display: pregabalin, from: [a]}]}\n",
        "sources:\n  a: x\ncodes:\n  rxnorm:\n    - code: '187832'\n      display: pregabalin\n      from: [a]\n",
        'sources:\n  a: "x"\n# why\ncodes:\n  rxnorm:\n  - {"code": "187832", "display": "p", "from": ["a"]}\n',
    ],
)
def test_rows_in_another_form_of_yaml_are_read_as_well(value_sets: Write, text: str) -> None:
    assert value_sets(med__pregabalin=text).coded("rxnorm", "187832") == {"pregabalin"}
