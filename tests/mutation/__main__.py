"""mutmut makes the mutants of `cards/` and keeps what became of them; `trying` tries them, in a process of its own.

Arguments: names of mutants, or patterns of them ("cards.pharmacology.*"). What was tried before is tried again only
when it is named. `mutmut results` lists what no test noticed, `mutmut show NAME` shows one of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.__main__ import collect_source_file_mutation_data, copy_also_copy_files, copy_src_dir, create_mutants
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.stats import status_by_exit_code

MUTANTS = Path("mutants")
# Sentences are held word for word by docs/cards.md and the stories, and an argument too few is what mypy finds.
LEFT_OUT = (operator_string, operator_arg_removal)


def main(patterns: list[str]) -> None:
    """Makes, tries, notes; prints how many mutants were caught in each module."""
    mutation_operators[:] = [one for one in mutation_operators if one[1] not in LEFT_OUT]
    set_mutant_under_test("mutant_generation")
    MUTANTS.mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(os.cpu_count() or 1)
    found, _ = collect_source_file_mutation_data(mutant_names=patterns)
    data_of = {name: data for data, name, result in found if patterns or result is None}
    caught: dict[str, Counter[str]] = {}
    environment = {name: value for name, value in os.environ.items() if name != "MUTANT_UNDER_TEST"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.mutation.trying"], cwd=MUTANTS, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as trying:  # fmt: skip
        assert trying.stdin is not None
        assert trying.stdout is not None
        json.dump(list(data_of), trying.stdin)
        trying.stdin.close()
        for line in trying.stdout:
            name, exit_code = json.loads(line)
            data_of[name].exit_code_by_key[name] = exit_code
            data_of[name].save()
            status = status_by_exit_code[exit_code]
            caught.setdefault(name.rpartition(".")[0], Counter())[status] += 1
            print(f"{status:<9} {name}", flush=True)
    for module, counts in sorted(caught.items()):
        print(module, dict(counts))
    if trying.returncode:
        raise SystemExit(trying.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
