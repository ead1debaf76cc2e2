"""How often what happened, counted in memory until the ledger's writer takes it: a call waits for nothing.

The words counted are few, and a tenant is named only where the site lists it, so a day has some hundred counts at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Final

from cds_service.ledger.records import Tally

MOST_GROUPS = 1_000  # of a day, client, tenant and hook; some 100 counts each

Group = tuple[str, str, str, str]  # (day, client, tenant, hook)
Said = tuple[str, str, str]  # (topic, what, reason)
CALL: Final[Said] = ("", "call", "")


class Tallies:
    """What was counted and is not written yet. While nobody takes it, it stops growing: what is new is not counted."""

    def __init__(self) -> None:
        self._counts: dict[Group, dict[Said, int]] = {}
        self._taken: dict[Group, dict[Said, int]] = {}
        self._lock = Lock()

    @property
    def are_waiting(self) -> bool:
        """Is there anything that is not written yet?"""
        return bool(self._counts or self._taken)

    def add(self, group: Group, said: Iterable[Said], times: int = 1) -> None:
        """Counts each of these once, or so many times. Never waits, never raises."""
        with self._lock:
            counts = self._counts.get(group)
            if counts is None:
                if len(self._counts) >= MOST_GROUPS:
                    return
                counts = self._counts[group] = {}
            for one in said:
                counts[one] = counts.get(one, 0) + times

    def take(self) -> dict[Tally, int]:
        """What is to be written; from here on it is counted anew. `written` or `put_back` says what became of it."""
        with self._lock:
            self._taken, self._counts = self._counts, {}
        return {
            Tally(*group, *said): number for group, counts in self._taken.items() for said, number in counts.items()
        }

    def written(self) -> None:
        """What was taken need not be kept any longer."""
        self._taken = {}

    def put_back(self) -> None:
        """What was taken could not be written and waits again."""
        taken, self._taken = self._taken, {}
        for group, counts in taken.items():
            for one, number in counts.items():
                self.add(group, (one,), number)
