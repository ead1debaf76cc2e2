"""Which sets of book 1.7 a problem list or a stated reason shows."""

from __future__ import annotations

from typing import Any

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Finding, Supplied
from cards.neurology.phenotype import (
    current_cranial_neuropathies,
    current_picture,
    is_neuropathy,
    pain_indication,
    positive_anti_mag,
    recorded_reasons,
    stated_picture,
)
from tests.cards.neurology.charts import (
    PEMBROLIZUMAB,
    UNKNOWN,
    ago,
    anti_mag,
    diagnosis,
    given,
    named,
    ordered,
    patient,
    stated,
)
from tests.cards.pharmacology.charts import EMPTY, present


def sets(*problems: Diagnosis, **supplied: Supplied) -> frozenset[str]:
    """The sets that a problem list shows."""
    return current_picture(patient(*problems, **supplied)).sets


# -- one diagnosis ----------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("E11.42", "np_dpn"),
        ("E10.44", "np_drpn"),
        ("G60.9", "np_symm"),
        ("G62.1", "np_symm"),
        ("E11.40", "np_unspec"),
        ("E11.41", "np_unspec"),
        ("M79.2", "np_unspec"),
        ("R20.2", "np_unspec"),
        ("G54.5", "np_plex"),
        ("G58.7", "np_vasc"),
        ("G51.0", "np_cranial"),
        ("E11.43", "np_auton"),
        ("B02.29", "np_phn_sci"),
        ("G61.81", "np_imm"),
        ("G70.01", "np_imm"),
        ("D83.9", "ig_other"),
        ("M79.7", "other_lic"),
    ],
)
def test_a_code_shows_its_set(code: str, name: str) -> None:
    assert sets(diagnosis(code)) == {name}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Type 2 diabetes mellitus with diabetic polyneuropathy", "np_dpn"),
        ("Charcot-Marie-Tooth disease", "np_symm"),
        ("diabetic peripheral neuropathy", "np_unspec"),
        ("brachial neuritis, left", "np_plex"),
        ("mononeuritis multiplex", "np_vasc"),
        ("anti-MAG neuropathy", "np_igm"),
        ("checkpoint inhibitor-related neuropathy", "np_ici"),
        ("proximal diabetic neuropathy", "np_drpn"),
        ("Lewis-Sumner syndrome", "np_imm"),
        ("chronic lymphocytic leukaemia", "ig_other"),
        ("Bell's palsy", "np_cranial"),
        ("cardiac autonomic neuropathy", "np_auton"),
        ("post-herpetic neuralgia", "np_phn_sci"),
        ("neuropathic pain after spinal cord injury", "np_phn_sci"),
        ("Generalized anxiety disorder", "other_lic"),
    ],
)
def test_a_name_without_a_code_shows_its_set(text: str, name: str) -> None:
    assert sets(named(text)) == {name}


def test_of_the_names_only_those_of_a_neuropathy_say_neuropathy() -> None:
    assert is_neuropathy(named("facial nerve palsy"))
    assert not any(is_neuropathy(named(text)) for text in ("postherpetic neuralgia", "fibromyalgia"))


def test_a_name_beside_a_code_puts_it_into_no_other_set_that_opens_a_card() -> None:
    for code, text in (("E11.9", "diabetic polyneuropathy"), ("G62.9", "distal symmetric polyneuropathy")):
        concepts = diagnosis(code).concepts | named(text).concepts
        assert sets(diagnosis(code)._replace(concepts=concepts, display=text)) == sets(diagnosis(code))


def test_a_neuropathy_by_its_name_is_one_beside_a_vasculitis_and_a_paraprotein() -> None:
    assert "np_vasc" in sets(named("peripheral neuropathy"), diagnosis("M31.30"))
    assert "np_igm" in sets(named("peripheral neuropathy"), diagnosis("D47.2"))
    paraprotein = patient(diagnosis("D47.2"))
    assert stated_picture(paraprotein, (named("diabetic polyneuropathy", is_stated_reason=True),)).sets == {"np_dpn"}


def test_history_shows_nothing() -> None:
    assert sets(diagnosis("E11.42", is_current=False)) == frozenset()


def test_a_suspected_diagnosis_shows_only_where_suspected_ones_are_wanted() -> None:
    picture = current_picture(patient(diagnosis("G61.81", is_suspected=True)))
    assert picture.sets == frozenset()
    assert not picture.shows("np_imm")
    assert picture.shows("np_imm", suspected=True)
    assert picture.of("np_imm") == ()
    assert len(picture.of("np_imm", suspected=True)) == 1


@pytest.mark.parametrize(("code", "system"), [("G61.89", "icd-10-cm"), ("G61.8", "icd-10")])
def test_other_inflammatory_polyneuropathy_is_suspected_however_sure(code: str, system: str) -> None:
    picture = current_picture(patient(diagnosis(code, system=system)))
    assert not picture.shows("np_imm")
    assert picture.shows("np_imm", suspected=True)


def test_diagnoses_of_a_set_come_newest_first_and_once() -> None:
    old, new, undated = diagnosis("G62.9", 900), diagnosis("M79.2", 10), diagnosis("R20.2")
    assert current_picture(patient(old, undated, new)).of("np_unspec", "np_imm") == (new, old, undated)


def test_diagnoses_come_newest_first_however_they_got_into_the_set() -> None:
    plain, by_its_cause = diagnosis("G62.9", 900), diagnosis("G63", 10)
    assert current_picture(patient(plain, by_its_cause)).of("np_unspec") == (by_its_cause, plain)


# -- a diagnosis under a condition ----------------------------------------------------------


@pytest.mark.parametrize(("days", "is_current"), [(0, True), (60, True), (61, False), (None, True)])
def test_guillain_barre_syndrome_is_current_for_60_days(days: int | None, is_current: bool) -> None:
    assert ("np_imm" in sets(diagnosis("G61.0", days))) is is_current


def test_other_immune_neuropathies_are_current_however_long_ago_they_began() -> None:
    assert sets(diagnosis("G61.81", 4000)) == {"np_imm"}


def test_guillain_barre_syndrome_as_the_stated_reason_is_current_whenever_it_began() -> None:
    chart = patient(diagnosis("G61.0", 2000))
    assert not current_picture(chart).shows("np_imm")
    assert stated_picture(chart, (stated("G61.0"),)).shows("np_imm")


@pytest.mark.parametrize(
    ("display", "name"),
    [("Small fiber neuropathy", "np_symm"), ("small-fibre neuropathy", "np_symm"), ("Other", "np_unspec")],
)
def test_other_specified_polyneuropathy_goes_by_its_words(display: str, name: str) -> None:
    assert sets(diagnosis("G62.89", display=display)) == {name}


@pytest.mark.parametrize(("cause", "name"), [("E11.9", "np_symm"), ("E53.8", "np_symm"), ("I10", "np_unspec")])
def test_polyneuropathy_in_other_diseases_goes_by_its_cause(cause: str, name: str) -> None:
    assert sets(diagnosis("G63"), diagnosis(cause)) == {name}


def test_codes_that_count_beside_diabetes_only() -> None:
    amyotrophy = diagnosis("G73.0", system="icd-10")
    assert sets(amyotrophy) == frozenset()
    assert sets(amyotrophy, diagnosis("E11.4", system="icd-10")) == {"np_drpn", "np_unspec"}
    assert sets(diagnosis("I95.1")) == frozenset()
    assert sets(diagnosis("I95.1"), diagnosis("E11.9")) == {"np_auton"}


@pytest.mark.parametrize(("days", "expected"), [(180, {"np_cranial"}), (181, set()), (None, set())])
def test_trigeminal_neuralgia_is_cranial_while_new(days: int | None, expected: set[str]) -> None:
    chart = patient(diagnosis("G50.0", days))
    assert current_picture(chart).sets == expected
    assert bool(current_cranial_neuropathies(chart)) is bool(expected)


# -- checkpoint inhibitors ----------------------------------------------------------


def test_drug_induced_polyneuropathy_is_symmetric_without_a_checkpoint_inhibitor() -> None:
    assert sets(diagnosis("G62.0")) == {"np_symm"}


@pytest.mark.parametrize(
    ("began", "last", "name"),
    [(None, 40, "np_ici"), (20, 40, "np_ici"), (40, 40, "np_unspec"), (20, 365, "np_ici"), (20, 366, "np_symm")],
)
def test_drug_induced_polyneuropathy_on_a_checkpoint_inhibitor(began: int | None, last: int, name: str) -> None:
    chart = given(PEMBROLIZUMAB, last)
    assert sets(diagnosis("G62.0", began), medication_administrations=chart) == {name}


def test_drug_induced_polyneuropathy_states_no_pattern_when_exposure_is_unknown() -> None:
    unknown = {"medication_administrations": UNKNOWN, "medication_orders": UNKNOWN}
    assert sets(diagnosis("G62.0"), **unknown) == {"np_unspec"}


@pytest.mark.parametrize(("began", "expected"), [(20, True), (40, False), (900, False), (None, False)])
def test_a_neuropathy_that_began_after_the_first_dose_may_be_of_the_drug(began: int | None, expected: bool) -> None:
    found = sets(diagnosis("G62.9", began), medication_administrations=given(PEMBROLIZUMAB, 40))
    assert ("np_ici" in found) is expected


@pytest.mark.parametrize(("has_unread_onset", "expected"), [(False, True), (True, False)])
def test_one_whose_onset_cannot_be_read_may_have_begun_before_it_was_recorded(
    has_unread_onset: bool, expected: bool
) -> None:
    late = diagnosis("G62.9", recorded_on=ago(20), has_unread_onset=has_unread_onset)
    assert ("np_ici" in sets(late, medication_administrations=given(PEMBROLIZUMAB, 40))) is expected


@pytest.mark.parametrize(
    ("code", "new", "expected"),
    [
        ("E11.42", {}, False),
        ("E11.40", {}, False),
        ("E11.42", {"days": 20}, True),
        ("E11.42", {"grade": 2}, True),
        ("E11.42", {"clinical_status": "recurrence"}, True),
        ("G62.9", {}, True),  # may be another one
    ],
)
def test_a_diabetic_neuropathy_that_is_recorded_again_did_not_begin_again(
    code: str, new: dict[str, Any], expected: bool
) -> None:
    again = diagnosis(code, **{"recorded_on": ago(20), **new})
    found = sets(again, diagnosis(code, 4000), medication_administrations=given(PEMBROLIZUMAB, 40))
    assert ("np_ici" in found) is expected


@pytest.mark.parametrize(
    ("again", "expected"),
    [("diabetic polyneuropathy", False), ("diabetic peripheral neuropathy", False), ("polyneuropathy", True)],
)
def test_one_that_words_alone_name_as_diabetic_did_not_begin_again_either(again: str, expected: bool) -> None:
    found = sets(
        named(again, recorded_on=ago(20)),
        diagnosis("E11.42"),
        diagnosis("E11.42", 4000),
        medication_administrations=given(PEMBROLIZUMAB, 40),
    )
    assert ("np_ici" in found) is expected


def test_a_code_beside_the_words_says_more_than_they() -> None:
    words = named("diabetic polyneuropathy").concepts
    again = diagnosis("G62.9", recorded_on=ago(20))._replace(concepts=diagnosis("G62.9").concepts | words)
    assert "np_ici" in sets(again, diagnosis("E11.42", 4000), medication_administrations=given(PEMBROLIZUMAB, 40))


def test_a_diabetic_neuropathy_recorded_again_beside_an_older_one_of_another_code_may_be_of_the_drug() -> None:
    again = diagnosis("E11.42", recorded_on=ago(20))
    found = sets(again, diagnosis("E11.40", 4000), medication_administrations=given(PEMBROLIZUMAB, 40))
    assert "np_ici" in found


def test_myasthenia_that_began_after_the_first_dose_may_be_of_the_drug() -> None:
    found = sets(diagnosis("G70.00", 20), medication_administrations=given(PEMBROLIZUMAB, 40))
    assert found == {"np_imm", "np_ici"}


@pytest.mark.parametrize(
    ("effect", "doses", "expected"),
    [("T45.AX5A", (), True), ("T45.1X5A", (), False), ("T45.1X5A", (500,), True), ("T45.1X5A", (40,), True)],
)
def test_the_coded_adverse_effect_with_a_neuropathy(effect: str, doses: tuple[int, ...], expected: bool) -> None:
    given_doses = given(PEMBROLIZUMAB, *doses) if doses else EMPTY
    found = sets(diagnosis("G62.9"), diagnosis(effect), medication_administrations=given_doses)
    assert ("np_ici" in found) is expected


def test_the_coded_adverse_effect_without_a_neuropathy_is_of_another_organ() -> None:
    assert sets(diagnosis("T45.AX5A"), diagnosis("R20.2")) == {"np_unspec"}


# -- two diagnoses, a diagnosis and a test ----------------------------------------------------------


def test_a_paraprotein_with_a_neuropathy_is_igm_neuropathy() -> None:
    picture = current_picture(patient(diagnosis("D47.2"), diagnosis("G62.9")))
    assert picture.sets == {"np_igm", "np_unspec"}
    assert {d.code for d in picture.of("np_igm")} == {"D47.2", "G62.9"}


@pytest.mark.parametrize("context", ["D47.2", "M31.30"])
def test_myasthenia_is_no_neuropathy_beside_a_paraprotein_or_a_vasculitis(context: str) -> None:
    assert sets(diagnosis(context), diagnosis("G70.00")) == {"np_imm"}
    assert sets(diagnosis(context), diagnosis("T45.AX5A"), diagnosis("G70.00")) == {"np_imm", "np_ici"}
    antibody = present(anti_mag(Finding.POSITIVE))
    chart = patient(diagnosis("G70.00"), neuropathy_antibodies=antibody)
    assert stated_picture(chart, (stated("G70.00"),)).sets == {"np_imm"}


@pytest.mark.parametrize(("days", "is_neuropathy_of_it"), [(60, True), (61, False)])
def test_a_past_guillain_barre_syndrome_is_no_neuropathy_of_a_paraprotein(days: int, is_neuropathy_of_it: bool) -> None:
    assert ("np_igm" in sets(diagnosis("D47.2"), diagnosis("G61.0", days))) is is_neuropathy_of_it
    assert ("np_vasc" in sets(diagnosis("M31.30"), diagnosis("G61.0", days))) is is_neuropathy_of_it


@pytest.mark.parametrize("other", ["R20.2", "I10", "M54.16"])
def test_a_paraprotein_with_a_symptom_or_another_disease_is_none(other: str) -> None:
    assert "np_igm" not in sets(diagnosis("D47.2"), diagnosis(other))


def test_a_suspected_neuropathy_makes_no_set_of_two() -> None:
    assert "np_igm" not in sets(diagnosis("D47.2"), diagnosis("G62.9", is_suspected=True))


def test_a_positive_anti_mag_antibody_alone_shows_igm_neuropathy() -> None:
    chart = patient(neuropathy_antibodies=present(anti_mag(Finding.POSITIVE)))
    assert current_picture(chart).sets == {"np_igm"}
    assert current_picture(chart).of("np_igm") == ()


def test_a_positive_antibody_does_not_make_another_stated_reason_a_neuropathy() -> None:
    chart = patient(neuropathy_antibodies=present(anti_mag(Finding.POSITIVE)))
    assert stated_picture(chart, (stated("M79.7"),)).sets == {"other_lic"}
    assert stated_picture(chart, ()).sets == frozenset()
    assert stated_picture(chart, (stated("G62.9"),)).sets == {"np_unspec", "np_igm"}


def test_the_newest_anti_mag_result_counts() -> None:
    results = (anti_mag(Finding.NEGATIVE, 10), anti_mag(Finding.POSITIVE, 300))
    assert positive_anti_mag(patient(neuropathy_antibodies=present(*results))) is None
    pending = (anti_mag(Finding.NEGATIVE, 1, is_pending=True), anti_mag(Finding.POSITIVE, 300))
    assert positive_anti_mag(patient(neuropathy_antibodies=present(*pending))) == pending[1]


def test_antibodies_that_could_not_be_had_add_no_set() -> None:
    assert sets(diagnosis("G62.9"), neuropathy_antibodies=UNKNOWN) == {"np_unspec"}


def test_a_vasculitis_with_a_neuropathy_is_vasculitic() -> None:
    assert sets(diagnosis("M31.30"), diagnosis("G62.9")) == {"np_vasc", "np_unspec"}
    assert sets(diagnosis("M31.30")) == frozenset()


def test_a_vasculitis_counts_beside_an_antibody() -> None:
    antibody = present(anti_mag(Finding.POSITIVE))
    found = sets(diagnosis("M31.30"), diagnosis("G62.9"), neuropathy_antibodies=antibody)
    assert found == {"np_vasc", "np_igm", "np_unspec"}


# -- the stated reason ----------------------------------------------------------


def test_a_stated_reason_has_onset_status_and_severity_of_its_entry_on_the_list() -> None:
    listed = diagnosis("G62.9", 20, grade=2, clinical_status="relapse")
    chart = patient(listed, medication_administrations=given(PEMBROLIZUMAB, 40))
    picture = stated_picture(chart, (stated("G62.9"),))
    assert picture.sets == {"np_unspec", "np_ici"}
    [found] = picture.of("np_ici")
    assert (found.on, found.grade, found.clinical_status) == (ago(20), 2, "relapse")
    assert found.is_stated_reason


def test_a_stated_reason_whose_onset_cannot_be_read_takes_that_of_its_entry_on_the_list() -> None:
    chart = patient(diagnosis("G62.9", 20), medication_administrations=given(PEMBROLIZUMAB, 40))
    referred = stated("G62.9", recorded_on=ago(10), has_unread_onset=True)
    assert stated_picture(chart, (referred,)).sets == {"np_unspec", "np_ici"}


def test_what_a_stated_reason_says_itself_goes_before_its_entry_on_the_list() -> None:
    listed = patient(
        diagnosis("G62.9", 400, grade=2, clinical_status="relapse"), named("neuropathy of the feet", onset_on=ago(30))
    )
    own_day, own_grade = stated("G62.9", days=20), stated("G62.9", grade=3, clinical_status="active")
    assert recorded_reasons(listed, (own_day,)) == (own_day,)
    [found] = recorded_reasons(listed, (own_grade,))
    assert (found.on, found.grade, found.clinical_status) == (ago(400), 3, "active")
    in_words = named("burning feet", is_stated_reason=True)
    assert recorded_reasons(listed, (in_words,)) == (in_words,), "without a code nothing tells which entry it is"


@pytest.mark.parametrize("newest", ["D47.2", "T45.AX5A", "M31.30"])
def test_the_second_codes_of_sets_may_stand_on_the_list_in_any_order(newest: str) -> None:
    listed = (diagnosis(code, 5 if code == newest else 50) for code in ("D47.2", "T45.AX5A", "M31.30"))
    found = stated_picture(patient(*listed), (stated("G62.9"),))
    assert found.sets == {"np_unspec", "np_igm", "np_ici", "np_vasc"}


def test_a_reason_that_names_its_cause_stays_what_it_is() -> None:
    chart = patient(diagnosis("D47.2"), diagnosis("T45.AX5A"), diagnosis("M31.30"))
    assert stated_picture(chart, (stated("E11.42"),)).sets == {"np_dpn"}


def test_a_stated_plexus_disorder_beside_diabetic_amyotrophy_is_the_diabetic_one() -> None:
    amyotrophy = diagnosis("E11.44")
    for reason in (stated("G54.1"), named("lumbosacral plexopathy", is_stated_reason=True)):
        picture = stated_picture(patient(amyotrophy), (reason,))
        assert picture.sets == {"np_plex", "np_drpn"}
        assert set(picture.of("np_drpn")) == {reason, amyotrophy}
    assert stated_picture(patient(diagnosis("E11.42")), (stated("G54.1"),)).sets == {"np_plex"}
    suspected = diagnosis("E11.44", is_suspected=True)
    assert stated_picture(patient(suspected), (stated("G54.1"),)).sets == {"np_plex"}


def test_a_plexus_disorder_on_the_list_stays_one_of_its_own_beside_diabetic_amyotrophy() -> None:
    picture = current_picture(patient(diagnosis("E11.44"), diagnosis("G54.1")))
    assert [d.code for d in picture.of("np_drpn")] == ["E11.44"]


def test_the_first_code_of_a_pair_takes_its_pattern_from_the_second_on_the_list() -> None:
    reason = (stated("E11.4", system="icd-10"),)
    for second, expected in (("G63.2", "np_dpn"), ("G73.0", "np_drpn")):
        listed = diagnosis(second, system="icd-10")
        assert stated_picture(patient(listed), reason).sets == {"np_unspec", expected}
    assert stated_picture(patient(diagnosis("I10", system="icd-10")), reason).sets == {"np_unspec"}


def test_a_stated_reason_can_be_read_without_a_problem_list() -> None:
    assert stated_picture(patient(conditions=UNKNOWN), (stated("E11.42"),)).sets == {"np_dpn"}
    on_drug = patient(conditions=UNKNOWN, medication_administrations=given(PEMBROLIZUMAB, 40))
    assert "np_ici" in stated_picture(on_drug, (stated("E11.42", recorded_on=ago(20)),)).sets


def test_a_problem_list_that_could_not_be_had_is_not_known() -> None:
    with pytest.raises(NotKnown, match="refused"):
        current_picture(patient(conditions=UNKNOWN))


# -- what a drug for neuropathic pain is for ----------------------------------------------------------


def indication(chart: Facts, *reasons: Diagnosis) -> tuple[frozenset[str], bool, bool]:
    """(sets, is another licensed use current, is it stated?)."""
    found = pain_indication(chart, reasons)
    return found.sets, found.other_licensed, found.is_stated


def test_the_problem_list_tells_where_no_reason_is_stated() -> None:
    assert indication(patient(diagnosis("E11.42"), diagnosis("M79.7"))) == ({"np_dpn"}, True, False)
    assert indication(patient(diagnosis("E11.42"), diagnosis("G51.0"))) == ({"np_dpn"}, False, False)


def test_a_stated_reason_governs_over_the_list() -> None:
    chart = patient(diagnosis("E11.42"))
    assert indication(chart, stated("M79.7")) == (frozenset(), True, True)
    assert indication(chart, stated("B02.29")) == ({"np_phn_sci"}, False, True)


def test_a_stated_reason_in_no_set_is_another_indication() -> None:
    assert indication(patient(diagnosis("E11.42")), stated("I10")) == (frozenset(), False, True)


def test_neuropathy_without_a_kind_as_the_reason_leaves_it_to_the_list() -> None:
    found = pain_indication(patient(diagnosis("E11.42")), (named("nerve pain", is_stated_reason=True),))
    assert (found.sets, found.is_stated) == ({"np_dpn"}, False)
    with_more = (named("neuropathy", is_stated_reason=True), stated("M79.7"))
    assert pain_indication(patient(diagnosis("E11.42")), with_more).is_stated


def test_nothing_on_a_first_page_is_not_known() -> None:
    with pytest.raises(NotKnown, match="only part"):
        indication(patient(diagnosis("I10"), is_complete=False))
    assert indication(patient(diagnosis("E11.42"), is_complete=False))[0] == {"np_dpn"}
    assert indication(patient(diagnosis("I10")))[0] == frozenset()
    assert indication(patient(diagnosis("M79.7"), is_complete=False))[1]
    assert indication(patient(diagnosis("I10"), is_complete=False), stated("I10")) == (frozenset(), False, True)


def test_orders_alone_make_a_checkpoint_inhibitor_neuropathy_where_doses_could_not_be_had() -> None:
    supplied = {"medication_administrations": UNKNOWN, "medication_orders": ordered(PEMBROLIZUMAB, 40)}
    assert indication(patient(diagnosis("G62.0"), **supplied))[0] == {"np_ici"}
