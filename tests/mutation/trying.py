"""Tries mutants in processes of their own, forked from one in which every test was collected and has run once.

That one run notes which tests enter which function; a mutant is tried with those that enter its function, until one of
them fails. mutmut's own runner collects the tests anew for each mutant, which here takes longer than the tests do.
Works in the folder with the mutants. Names come as a JSON list on stdin; [name, mutmut's exit code] goes to stdout, a
line each: 1 caught, 0 survived, 33 no test enters the function, 36 took too long.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
from collections import defaultdict
from pathlib import Path
from typing import TextIO

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline
from mutmut.utils.format_utils import mangled_name_from_mutant_name

CAUGHT, SURVIVED, NO_TEST, TOO_SLOW = 1, 0, 33, 36
MOST_TESTS = 300  # of those that enter a function; the tests of its own module always
SECONDS = 120
TESTS = (
    "tests/cards", "tests/cds_service/test_site_terminology.py", "tests/cds_service/test_site_thresholds.py",
    "tests/test_card_examples.py", "tests/test_whole_requests.py",
)  # fmt: skip
MANY_CALLS_A_TEST = (
    "cases_over_http", "cases_in_other_words", "properties", "thresholds_are_held", "wording", "uses", "card_contract",
)  # fmt: skip


class Trying:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, names: list[str], told: TextIO) -> None:
        self._names = names
        self._told = told
        self._entered: dict[str, set[int]] = defaultdict(set)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All tests once, then the mutants."""
        self._note_what_tests_enter(session.items)
        gc.freeze()  # or each process would copy what its collector marks
        running: dict[int, str] = {}
        for name in self._names:
            if len(running) >= (os.cpu_count() or 1):
                self._wait(running)
            if (child := self._try(name, session.items)) is not None:
                running[child] = name
        while running:
            self._wait(running)
        return True

    def _note_what_tests_enter(self, items: list[pytest.Item]) -> None:
        now = 0

        def note(function: str, caller: str | None = None) -> None:
            self._entered[function].add(now)

        trampoline.record_trampoline_hit = note  # type: ignore[assignment]
        trampoline.set_mutant_under_test("stats")
        failed = []
        for now, item in enumerate(items):
            if not _passes(item, items[now + 1] if now + 1 < len(items) else None):
                failed.append(item.nodeid)
        trampoline.set_mutant_under_test("")
        print(f"{len(items)} tests, {len(failed)} of them fail without any change: {failed[:5]}", file=sys.stderr)
        for entered in self._entered.values():
            entered.difference_update(number for number, item in enumerate(items) if item.nodeid in failed)

    def _try(self, name: str, items: list[pytest.Item]) -> int | None:
        function = mangled_name_from_mutant_name(name)
        chosen = [items[number] for number in _chosen(self._entered[function], items, function)]
        if not chosen:
            self._tell(name, NO_TEST)
            return None
        child = os.fork()
        if child:
            return child
        signal.signal(signal.SIGALRM, lambda *_: os._exit(TOO_SLOW))
        signal.alarm(SECONDS)
        trampoline.set_mutant_under_test(name)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            pairs = zip(chosen, [*chosen[1:], None], strict=True)
            os._exit(SURVIVED if all(_passes(item, following) for item, following in pairs) else CAUGHT)

    def _wait(self, running: dict[int, str]) -> None:
        child, status = os.wait()
        self._tell(running.pop(child), os.waitstatus_to_exitcode(status))

    def _tell(self, name: str, exit_code: int) -> None:
        print(json.dumps([name, exit_code]), file=self._told, flush=True)


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def _chosen(entered: set[int], items: list[pytest.Item], function: str) -> list[int]:
    """The tests of the module and the cases of the rule, then others as chance has it, the same at each run."""
    module = Path(*function.split(".")[1:-1])
    test, case = f"/{module.with_name(f'test_{module.name}.py')}", f"[{module.parent.name.replace('_', '-')}/"
    own = sorted(number for number in entered if test in items[number].nodeid or case in items[number].nodeid)
    others = sorted(entered.difference(own))
    random.Random(function).shuffle(others)
    return [*own, *others[:MOST_TESTS]]


def main() -> int:
    """Reads names, tells results."""
    told = os.fdopen(os.dup(1), "w")  # what a test prints is no result
    os.dup2(2, 1)
    left_out = [f"--ignore=tests/cards/test_{name}.py" for name in MANY_CALLS_A_TEST]
    quietly = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return pytest.main([*quietly, *left_out, *TESTS], [Trying(json.load(sys.stdin), told)])


if __name__ == "__main__":
    sys.exit(main())
