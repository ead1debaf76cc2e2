"""The words in which cards speak of neuropathies that may be of a checkpoint inhibitor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.neurology.attributed_grade import began_on, was_severe
from cards.neurology.attribution import Attributed
from cards.oncology.checkpoint_inhibitor import checkpoint_inhibitor_exposure
from cards.wording import joined, on, shortened

LABEL_LENGTH = 36  # a code, or words short enough for a summary
AT_MOST = 3


def named(found: Attributed) -> str:
    """The newest neuropathy with code and date: "neuropathy (G62.0, 2026-05-26)"."""
    if found.current:
        return named_diagnosis(found.current[0].diagnosis)
    return f"neuropathy (graded observation, {on(began_on(found))})"


def named_earlier(found: Attributed) -> str:
    """The neuropathy that was severe, or else the newest known, with code and date."""
    severe = [counted for counted in found.known if was_severe(counted)]
    if severe or (found.known and not found.observed):
        return named_diagnosis((severe or found.known)[0].diagnosis)
    worst = max(found.observed, key=lambda m: m.value or 0)
    return f"neuropathy (graded observation, {on(worst.on)})"


def named_diagnosis(d: Diagnosis) -> str:
    """A diagnosis with code and date; myasthenia by its own name."""
    what = "myasthenia" if d.is_a("myasthenia_gravis") else "neuropathy"
    return f"{what} ({coded(d)})"


def coded(d: Diagnosis) -> str:
    """Code and date of a diagnosis: "G62.0, 2026-05-26"."""
    return f"{shortened(d.label, LABEL_LENGTH)}, {on(d.on)}"


def short_names(diagnoses: Iterable[Diagnosis]) -> str:
    """Their codes, or names short enough for a summary: "B02.22 and G62.0"; empty for none."""
    return joined([shortened(d.label, LABEL_LENGTH) for d in diagnoses])


def counted_lines(found: Attributed) -> Iterator[str]:
    """Each neuropathy that counts, and why, one line each."""
    for counted in found.known[:AT_MOST]:
        d = counted.diagnosis
        state = "" if d.is_current else ", not current"
        yield f"{_full(d)} ({on(d.on)}{state}): {counted.link.value}"
    if found.observed and not found.known:
        yield f"Graded observation since {on(began_on(found))}, no neuropathy coded"


def suspected_lines(diagnoses: Iterable[Diagnosis]) -> Iterator[str]:
    """What raises a suspicion, one line each."""
    for d in list(diagnoses)[:AT_MOST]:
        yield f"{_full(d)} ({on(d.on)}, {'suspected' if d.is_suspected else 'sign or symptom, no neuropathy coded'})"


def doses_line(facts: Facts) -> str:
    """First and last dose of a checkpoint inhibitor on record, in one line."""
    try:
        exposure = checkpoint_inhibitor_exposure(facts)
    except NotKnown as unknown:
        return f"Earlier doses of a checkpoint inhibitor: could not be checked ({unknown.why})"
    if exposure.first_on is None:
        return "Earlier doses of a checkpoint inhibitor: searched, none found"
    return f"Checkpoint inhibitor: first {on(exposure.first_on)}, last {on(exposure.last_on)} ({exposure.drug})"


def _full(d: Diagnosis) -> str:
    return shortened(f"{d.code} {d.display}" if d.code[:1].isalpha() else d.label, 2 * LABEL_LENGTH)
