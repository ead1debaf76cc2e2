"""Which drug is it? Codes, words, and what they make of each other."""

import pytest

from cards.concepts import Strength, load_value_sets
from cards.orders import Drug, Formulation, Route
from cds_service.chart.medications import drug_route, read_drug

VALUE_SETS = load_value_sets()
RXNORM, SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
PREGABALIN, PREGABALIN_75, PREGABALIN_ER_165 = "187832", "483450", "1988974"
GABAPENTIN, GABAPENTIN_300 = "25480", "310431"
IMMUNOGLOBULIN_G, UNCONFIRMED_IMMUNOGLOBULIN = "5666", "1426680"
EPIC = [
    {"system": "urn:oid:2.16.840.1.113883.6.253", "code": "121212"},
    {"system": "urn:oid:2.16.840.1.113883.6.68", "code": "72600057000120"},
    {"system": "urn:oid:2.16.840.1.113883.6.162", "code": "18881"},
    {"system": "urn:oid:2.16.840.1.113883.6.88", "code": PREGABALIN},
    {"system": "urn:oid:2.16.840.1.113883.6.88", "code": PREGABALIN_75},
    {"system": "urn:oid:2.16.840.1.113883.6.88", "code": "607038"},
]


def concept(*codes: str, text: str = "", system: str = RXNORM) -> dict:
    found = {"coding": [{"system": system, "code": code} for code in codes]}
    return {**found, "text": text} if text else found


def read(*codes: str, text: str = "", route: str = "", system: str = RXNORM) -> Drug:
    order = {"medicationCodeableConcept": concept(*codes, text=text, system=system)}
    if route:
        order["dosageInstruction"] = [{"route": {"text": route}}]
    return read_drug(order, VALUE_SETS, lambda _: None)


def of_medication(medication: dict, **order: object) -> Drug:
    found = {"resourceType": "Medication", "id": "m", **medication}
    return read_drug({"medicationReference": {"reference": "Medication/m"}, **order}, VALUE_SETS, lambda _: found)


# -- codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "concept_name"),
    [
        (PREGABALIN, "pregabalin", "pregabalin"),  # ingredient
        (PREGABALIN_75, "pregabalin", "pregabalin"),  # clinical drug
        ("607038", "pregabalin", "pregabalin"),  # branded drug
        (GABAPENTIN_300, "gabapentin", "gabapentin"),
        ("121191", "rituximab", "rituximab"),
        ("2105824", "rituximab", "rituximab"),  # biosimilar rituximab-abbs
        ("2105827", "rituximab", "rituximab"),  # brand Truxima
        ("2390954", "ofatumumab", "anti_cd20"),  # brand Kesimpta
        ("1809502", "immunoglobulin", "ivig"),  # brand package
        ("226026", "immunoglobulin", "ivig"),  # brand Octagam
        ("596926", "duloxetine", "duloxetine"),
    ],
)
def test_every_level_of_rxnorm_names_the_drug(code, name, concept_name):
    drug = read(code)
    assert drug.is_a(concept_name)
    assert (drug.name, drug.by_text, drug.code, drug.system) == (name, False, code, RXNORM)


def test_the_oid_of_rxnorm_is_rxnorm():
    drug = read(PREGABALIN_75, system="urn:oid:2.16.840.1.113883.6.88")
    assert (drug.is_a("pregabalin"), drug.system) == (True, RXNORM)


def test_of_several_codings_any_counts_and_private_ones_do_not():
    drug = read_drug({"medicationCodeableConcept": {"coding": EPIC}}, VALUE_SETS, lambda _: None)
    assert (drug.is_a("pregabalin"), drug.by_text, drug.code) == (True, False, PREGABALIN_75)
    assert (drug.strength, drug.strength_conflict) == (Strength(75, "mg", "capsule"), False)


def test_user_selected_is_not_trusted():
    private = {
        "system": "https://fhir.cerner.com/x/synonym",
        "code": "1",
        "display": "pregabalin",
        "userSelected": True,
    }
    drug = read_drug(
        {"medicationCodeableConcept": {"coding": [private, {"system": RXNORM, "code": PREGABALIN_75}]}},
        VALUE_SETS,
        lambda _: None,
    )
    assert (drug.code, drug.by_text) == (PREGABALIN_75, False)


def test_a_product_belongs_to_the_classes_of_its_ingredient():
    assert read("596926").concepts == read("72625").concepts  # duloxetine capsule, duloxetine


def test_a_code_that_is_none_of_ours_names_nothing():
    drug = read("197361", text="amlodipine 5 MG Oral Tablet")
    assert (drug.concepts, drug.by_text, drug.name, drug.code) == (
        frozenset(),
        False,
        "amlodipine 5 MG Oral Tablet",
        "197361",
    )


def test_a_drug_without_any_name():
    assert read_drug({}, VALUE_SETS, lambda _: None) == Drug(name="")


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "concept_name", "name"),
    [
        ("Pregabalin 300mg capsules", "pregabalin", "pregabalin"),
        ("LYRICA 75 mg", "pregabalin", "pregabalin"),
        ("Neurontin", "gabapentin", "gabapentin"),
        ("MabThera 500 mg", "rituximab", "rituximab"),
        ("Privigen 10 %", "ivig", "immunoglobulin"),
        ("linezolid in 0.9% NaCl 600 mg/300 mL", "mao_inhibitor_ingredients", "linezolid"),
    ],
)
def test_a_drug_known_by_its_words_only_is_marked(text, concept_name, name):
    drug = read(text=text)
    assert (drug.is_a(concept_name), drug.by_text, drug.name, drug.display) == (True, True, name, text)


def test_a_drug_in_another_code_system_is_known_by_its_display():
    coding = {"system": SNOMED, "code": "415160008", "display": "Pregabalin 75mg capsules"}
    drug = read_drug({"medicationCodeableConcept": {"coding": [coding]}}, VALUE_SETS, lambda _: None)
    assert (drug.is_a("pregabalin"), drug.by_text, drug.code) == (True, True, "415160008")


def test_the_display_of_a_reference_that_leads_nowhere_is_words():
    order = {"medicationReference": {"reference": "Medication/x", "display": "pregabalin (LYRICA) 75 mg capsule"}}
    drug = read_drug(order, VALUE_SETS, lambda _: None)
    assert (drug.is_a("pregabalin"), drug.by_text, drug.strength) == (True, True, Strength(75, "mg", "capsule"))


def test_the_display_is_fit_to_be_shown():
    assert read(text="preg\u200babalin\n75 mg").display == "pregabalin 75 mg"
    assert len(read(text="pregabalin " * 100).display) <= 200


# -- contradictions --------------------------------------------------------------------------------------------------


def in_doubt(drug: Drug) -> tuple[bool, bool]:
    return drug.by_text, drug.strength_conflict


def test_a_code_of_one_drug_with_the_name_of_another_counts_as_both_and_is_in_doubt():
    drug = read(GABAPENTIN_300, text="pregabalin 75 MG Oral Capsule")
    assert drug.is_a("pregabalin")
    assert drug.is_a("gabapentin")
    assert in_doubt(drug) == (True, True)
    assert drug.name == "pregabalin"  # what the clinician reads


def test_codes_of_two_drugs_count_as_both_and_are_in_doubt():
    drug = read(GABAPENTIN_300, PREGABALIN_75)
    assert drug.is_a("pregabalin")
    assert drug.is_a("gabapentin")
    assert in_doubt(drug) == (True, True)
    assert in_doubt(read(GABAPENTIN_300, PREGABALIN_75, text="pregabalin")) == (True, True)


def test_codes_of_two_drugs_that_the_words_name_both_are_a_combination():
    drug = read("704", "2356", text="amitriptyline / chlordiazepoxide")
    assert drug.is_a("amitriptyline")
    assert in_doubt(drug) == (False, False)


def test_a_word_about_another_drug_beside_the_right_one_changes_nothing():
    drug = read(PREGABALIN_75, text="pregabalin 75 mg capsule instead of gabapentin")
    assert drug == read(PREGABALIN_75)._replace(display=drug.display)


def test_the_ingredients_of_one_medication_are_no_contradiction():
    drug = of_medication(
        {
            "code": {"text": "rituximab in sodium chloride 0.9 %"},  # an infusion: words, codes on the ingredients
            "ingredient": [{"itemCodeableConcept": concept("121191")}, {"itemCodeableConcept": concept("9863")}],
        }
    )
    assert (drug.is_a("rituximab"), drug.by_text, drug.strength_conflict) == (True, False, False)
    assert drug.code == "121191"


def test_an_ingredient_of_another_drug_than_the_code_is_in_doubt():
    drug = of_medication({"code": concept(PREGABALIN_75), "ingredient": [{"itemCodeableConcept": concept(GABAPENTIN)}]})
    assert in_doubt(drug) == (True, True)


# -- strength --------------------------------------------------------------------------------------------------------


def test_the_strength_comes_from_the_code():
    assert read(PREGABALIN_75).strength == Strength(75, "mg", "capsule")


def test_the_strength_comes_from_the_words_where_the_code_has_none():
    assert read(PREGABALIN, text="pregabalin 75 mg capsule").strength == Strength(75, "mg", "capsule")
    assert read("1657862").strength == Strength(10, "mg", "mL")  # from the name that belongs to the code


def test_code_and_words_of_different_strength_disagree():
    drug = read(PREGABALIN_75, text="pregabalin 150 MG Oral Capsule")
    assert (drug.strength_conflict, drug.by_text) == (True, False)
    assert read("898715", text="pregabalin 20 mg capsule").strength_conflict  # a solution of 20 mg/mL
    assert not read(PREGABALIN_75, text="Lyrica 75 mg").strength_conflict


def test_the_strength_of_an_ingredient_goes_first():
    strength = {"numerator": {"value": 75, "unit": "mg"}, "denominator": {"value": 1, "unit": "{capsule}"}}
    ingredient = {"itemCodeableConcept": concept(PREGABALIN), "strength": strength}
    drug = of_medication({"code": {"text": "Lyrica"}, "ingredient": [ingredient]})
    assert (drug.strength, drug.strength_conflict, drug.dose_form) == (Strength(75, "mg", "capsule"), False, "capsule")
    assert of_medication({"code": concept("483440"), "ingredient": [ingredient]}).strength_conflict  # 150 mg by code


def test_the_strength_of_another_ingredient_is_not_the_drugs():
    tramadol = {"itemCodeableConcept": concept("10689"), "strength": {"numerator": {"value": 37.5, "unit": "mg"}}}
    other = {"itemCodeableConcept": concept("161"), "strength": {"numerator": {"value": 325, "unit": "mg"}}}
    drug = of_medication({"ingredient": [other, tramadol], "form": {"text": "tablet"}})
    assert (drug.strength, drug.strength_conflict) == (Strength(37.5, "mg", "tablet"), False)


# -- release form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "text", "formulation", "form"),
    [
        ((PREGABALIN_75,), "", Formulation.IMMEDIATE, None),
        ((PREGABALIN_ER_165,), "", Formulation.EXTENDED, "pregabalin_extended_release"),
        ((PREGABALIN,), "pregabalin 165 MG ER tablet", Formulation.EXTENDED, "pregabalin_extended_release"),
        ((), "24 HR pregabalin 330 MG Extended Release Oral Tablet", Formulation.EXTENDED,
            "pregabalin_extended_release"),
        ((), "Lyrica CR 82.5 mg", Formulation.EXTENDED, "pregabalin_extended_release"),
        # a strength of the extended-release tablet only
        ((), "pregabalin 330mg tablet", Formulation.EXTENDED, "pregabalin_extended_release"),
        ((PREGABALIN,), "Lyrica 82.5 mg", Formulation.EXTENDED, "pregabalin_extended_release"),
        ((), "pregabalin 300 mg", Formulation.IMMEDIATE, None),
        (("1115012",), "", Formulation.GASTRORETENTIVE, "gabapentin_gastroretentive"),
        ((GABAPENTIN,), "Gralise 600 mg tablet", Formulation.GASTRORETENTIVE, "gabapentin_gastroretentive"),
        ((), "24 HR gabapentin 600 MG gastroretentive Oral Tablet", Formulation.GASTRORETENTIVE,
            "gabapentin_gastroretentive"),
        ((), "gabapentin 600 mg extended-release tablet", Formulation.GASTRORETENTIVE, "gabapentin_gastroretentive"),
        ((), "Gabapentin (Once-Daily) 600 MG Oral Tablet", Formulation.GASTRORETENTIVE, "gabapentin_gastroretentive"),
        ((), "gabapentin 600 mg tablet once daily", Formulation.IMMEDIATE, None),  # how it is taken
        (("1101338",), "", Formulation.ENACARBIL, "gabapentin_enacarbil"),
        ((GABAPENTIN,), "Horizant 600 mg", Formulation.ENACARBIL, "gabapentin_enacarbil"),
        ((), "Morphine 15mg modified-release tablets", Formulation.EXTENDED, None),
        ((), "duloxetine 30 MG Delayed Release Oral Capsule", Formulation.IMMEDIATE, None),
        ((), "pregabalin er tabletten", Formulation.EXTENDED, "pregabalin_extended_release"),
        ((), "pregabalin, wie er es nimmt", Formulation.IMMEDIATE, None),  # "er" is a word
    ],
)  # fmt: skip
def test_the_release_form_comes_from_the_code_or_the_words(codes, text, formulation, form):
    drug = read(*codes, text=text)
    assert drug.formulation is formulation
    forms = {"pregabalin_extended_release", "gabapentin_gastroretentive", "gabapentin_enacarbil"}
    assert drug.concepts & forms == ({form} if form else set())


def test_the_code_of_a_plain_capsule_with_the_words_of_another_form_is_in_doubt():
    drug = read(PREGABALIN_75, text="pregabalin ER 75 mg")
    assert in_doubt(drug) == (True, True)
    assert drug.formulation is Formulation.EXTENDED


# -- immunoglobulins and routes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "text", "route", "concept_name", "by_text"),
    [
        ((IMMUNOGLOBULIN_G,), "", "", "ivig", False),
        ((IMMUNOGLOBULIN_G,), "", "Intravenous", "ivig", False),
        ((IMMUNOGLOBULIN_G,), "", "Subcutaneous", "scig", False),
        ((IMMUNOGLOBULIN_G,), "", "IM", "immune_globulin_intramuscular", False),
        ((IMMUNOGLOBULIN_G,), "Hizentra 20 %", "", "scig", True),
        ((IMMUNOGLOBULIN_G,), "hepatitis B immune globulin", "IV", "hyperimmune_globulin", True),
        (("1809580",), "", "Subcutaneous", "scig", False),  # Gamunex-C is licensed for both
        (("1809580",), "Gamunex-C subcutaneous", "", "scig", False),
        (("1809077",), "", "", "scig", False),  # Hizentra
        ((UNCONFIRMED_IMMUNOGLOBULIN,), "immunoglobulin G, human", "", "ivig", True),
        ((UNCONFIRMED_IMMUNOGLOBULIN,), "immunoglobulin G, human", "SC", "scig", True),
        ((), "immune globulin (human) 10 %", "IV", "ivig", True),
        ((), "immune globulin (human) 10 % IV solution", "", "ivig", True),
        ((), "immune globulin (human)", "subcutaneous", "scig", True),
        ((), "Rho(D) immune globulin", "IV", "hyperimmune_globulin", True),
        ((), "Gamunex-C", "subcut", "scig", True),
    ],
)
def test_immunoglobulin_is_what_route_and_words_make_of_it(codes, text, route, concept_name, by_text):
    drug = read(*codes, text=text, route=route)
    globulins = {"ivig", "scig", "immune_globulin_intramuscular", "hyperimmune_globulin"}
    assert (drug.concepts & globulins, drug.by_text) == ({concept_name}, by_text)


@pytest.mark.parametrize(
    ("codes", "text"), [((UNCONFIRMED_IMMUNOGLOBULIN,), ""), ((), "immune globulin (human)"), ((), "globulin")]
)
def test_neither_an_unconfirmed_code_alone_nor_words_without_a_route_are_ivig(codes, text):
    assert not read(*codes, text=text).is_a("ivig", "scig", "hyperimmune_globulin")


@pytest.mark.parametrize(
    ("codes", "text", "brand"),
    [
        (("1809502",), "", "Octagam 10%"),
        (("1809517",), "", "Privigen"),
        (("226026",), "", "Octagam"),
        ((), "Octagam 5 % 10 g", "Octagam 5%"),
        ((), "octagam", "Octagam"),
        ((), "Octagam, 10 % (human)", "Octagam 10%"),
        ((), "Gammaplex 10 g", "Gammaplex"),
        ((), "Gammagard S/D", "Gammagard S/D"),
        ((), "Gammagard", "Gammagard"),
        ((IMMUNOGLOBULIN_G,), "", ""),
        (("607038",), "", "Lyrica"),
        ((PREGABALIN_75,), "", ""),
    ],
)
def test_the_brand_is_read_where_one_is_named(codes, text, brand):
    assert read(*codes, text=text).brand == brand


def test_a_billing_code_names_its_brand_by_its_row():
    resource = {"medicationCodeableConcept": {"coding": [{"system": "hcpcs", "code": "J1459"}]}}
    assert read_drug(resource, VALUE_SETS, lambda _: None).brand == "Privigen"


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Padcev 30 mg vial", "neurotoxic_partner"),
        ("Toradol 10 mg tablet", "renal_risk_drug"),
        ("Prograf 1 mg capsule", "renal_risk_drug"),
        ("Prempro 0.625-2.5 mg", "estrogen_ingredients"),
        ("estrogens, conjugated (USP) 0.9 MG Oral Tablet", "estrogen_ingredients"),
    ],
)
def test_drugs_that_are_a_risk_beside_others_are_known_by_their_brands(text, concept):
    assert read(text=text).is_a(concept)
    assert read(text=text).by_text


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("J2329", "ublituximab-xiiy"),
        ("J2350", "ocrelizumab"),
        ("J9301", "obinutuzumab"),
        ("J9271", "pembrolizumab"),
        ("J9119", "cemiplimab-rwlc"),
        ("J9312", "rituximab"),
    ],
)
def test_the_words_of_billing_are_no_part_of_the_name(code, name):
    assert read(code, system="hcpcs").name == name


@pytest.mark.parametrize(
    ("codes", "text", "route"),
    [
        ((GABAPENTIN,), "gabapentin 6 % cream", "Topical route"),
        ((GABAPENTIN,), "", "topical"),
        ((), "gabapentin 8 % ointment", ""),
        ((), "Gabapentin 6 % transdermal gel", "Oral"),
        ((PREGABALIN,), "pregabalin lotion", ""),
        ((), "ketamine/gabapentin/amitriptyline cream", ""),
    ],
)
def test_a_gabapentinoid_applied_to_the_skin_is_none(codes, text, route):
    assert not read(*codes, text=text, route=route).is_a("gabapentinoid", "gabapentin", "pregabalin")


@pytest.mark.parametrize(
    ("codes", "text", "route"),
    [
        ((GABAPENTIN,), "", ""),
        ((GABAPENTIN,), "", "Oral"),
        ((GABAPENTIN_300,), "", "topical"),  # a capsule is swallowed
        ((), "gabapentin 300 mg gelatin capsule", ""),
        ((), "gabapentin 300 mg soft gel capsule", ""),
        ((), "pregabalin 20 mg/mL oral solution", "Oral"),
    ],
)
def test_what_is_swallowed_stays_a_gabapentinoid(codes, text, route):
    assert read(*codes, text=text, route=route).is_a("gabapentinoid")


def test_the_other_drugs_of_a_cream_stay():
    assert read(text="gabapentin/ibuprofen cream").is_a("nsaid_ingredients")


@pytest.mark.parametrize(
    ("codes", "text", "route"),
    [
        (("704",), "amitriptyline 2 % cream", ""),
        (("3638",), "", "topical"),
        ((), "ketamine/gabapentin/amitriptyline cream", ""),
        ((), "morphine 0.2 % topical gel", "Topical"),
    ],
)
def test_a_tricyclic_or_an_opioid_applied_to_the_skin_is_none(codes, text, route):
    assert not read(*codes, text=text, route=route).is_a("tricyclic", "tricyclic_ingredients", "opioid")


@pytest.mark.parametrize(
    ("text", "route", "kind"),
    [
        ("amitriptyline 25 mg tablet", "topical", "tricyclic"),
        ("fentanyl 25 mcg/hr transdermal patch", "topical", "opioid"),
        ("buprenorphine 10 mcg/hr patch", "", "opioid"),
        ("morphine 2 mg/mL oral solution", "Oral", "opioid"),
    ],
)
def test_a_tablet_or_an_opioid_patch_stays_what_it_is(text, route, kind):
    assert read(text=text, route=route).is_a(kind)


def test_rituximab_under_the_skin_is_the_product_with_hyaluronidase():
    assert read("121191", route="Subcutaneous").is_a("rituximab_hyaluronidase")
    assert not read("121191", route="IV").is_a("rituximab_hyaluronidase")
    assert read("1927886").is_a("rituximab_hyaluronidase")  # Rituxan Hycela


MADE_BY_ROUTE = {"ivig", "immune_globulin_route_open", "rituximab"}
OF_THE_ROUTE = {"ivig", "scig", "immune_globulin_intramuscular", "rituximab_hyaluronidase"}


@pytest.mark.parametrize("route", ["intravenous", "subcutaneous", "intramuscular", "oral", "topical"])
def test_the_route_makes_no_drug_another_one(route):
    """Morphine into a vein was once immunoglobulin: only that and rituximab have products of their own by route."""
    drugs = [value_set for name in VALUE_SETS if "med" in (value_set := VALUE_SETS.concept(name)).kinds]
    named = {read(text=text) for drug in drugs for text in drug.text}
    coded = {read(*codes[:1]) for drug in drugs if (codes := [row.code for row in drug.codes.get("rxnorm", ())])}
    assert len(named) > 500
    assert len(coded) > 50
    for drug in named | coded:
        given = read(*filter(None, [drug.code]), text=drug.display, route=route)
        gained = given.concepts - drug.concepts
        assert not gained or (gained <= OF_THE_ROUTE and not drug.concepts.isdisjoint(MADE_BY_ROUTE)), drug


def test_the_route_is_that_of_the_first_line_that_states_one():
    lines = [{"text": "as directed"}, {"text": "30 g IV"}, {"route": {"text": "Oral"}}]
    assert drug_route({"dosageInstruction": lines}) is Route.INTRAVENOUS
    assert drug_route({"dosage": {"route": {"text": "SC"}}}) is Route.SUBCUTANEOUS  # an administration
    assert drug_route({"dosageInstruction": ["IV", None]}) is None


def test_what_is_combined_is_named_in_full():
    assert read("1049221").name == "acetaminophen/oxycodone hydrochloride"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cisplatin 50 MG Injection", "cisplatin"),
        ("10 ML oxaliplatin 5 MG/ML Injection", "oxaliplatin"),
        ("Clonazepam [Klonopin]", "clonazepam"),
        ("Abuse-Deterrent 12 HR Oxycodone Hydrochloride 15 MG Extended Release Oral Tablet", "oxycodone hydrochloride"),
        ("2 mg lorazepam", "2 mg lorazepam"),  # the sender's words where no name leads
    ],
)
def test_a_drug_of_a_class_is_named_by_the_words_that_lead(text, name):
    assert read(text=text).name == name
