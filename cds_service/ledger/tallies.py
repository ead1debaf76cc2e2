"""How often what happened, counted in memory until the ledger's writer takes it: a call waits for nothing.

The words counted are few, and a tenant is named only where the site lists it, so a day has some hundred counts at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Final, NamedTuple

from cds_service.ledger.records import Tally

MOST_GROUPS = 1_000  # of a day, client, tenant and hook; some 100 counts each

Said = tuple[str, str, str]  # (topic, what, reason)
CALL: Final[Said] = ("", "call", "")


class Group(NamedTuple):
    """What calls have in common that are counted together."""

    day: str
    client: str
    tenant: str
    hook: str


class Tallies:
    """What was counted and is not written yet. While nobody takes it, it stops growing: what is new is not counted."""

    def __init__(self) -> None:
        self._counts: dict[Group, Counter[Said]] = {}
        self._lock = Lock()

    @property
    def are_waiting(self) -> bool:
        """Is there anything to write?"""
        return bool(self._counts)

    def add(self, group: Group, said: Iterable[Said] | Mapping[Said, int]) -> None:
        """Counts each of these once, or as often as it says. Never waits, never raises."""
        with self._lock:
            counts = self._counts.get(group)
            if counts is None:
                if len(self._counts) >= MOST_GROUPS:
                    return
                counts = self._counts[group] = Counter()
            counts.update(said)

    def take(self) -> dict[Tally, int]:
        """What was counted; from here on it is counted anew."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return {Tally(*group, *said): number for group, counts in taken.items() for said, number in counts.items()}

    def put_back(self, taken: Mapping[Tally, int]) -> None:
        """What could not be written waits again."""
        for tally, number in taken.items():
            self.add(Group(*tally[:4]), {tally[4:]: number})
