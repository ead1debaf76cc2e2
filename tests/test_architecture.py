"""The arrows of the house: medicine knows no transport, transport knows no medicine, and nothing goes in circles."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from cards.coding_systems import words
from cards.concepts import load_value_sets
from cards.knowledge import FAMILIES

HOUSE = Path(__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("cards", "cds_service")
    for path in sorted((HOUSE / package).rglob("*.py"))
}
THIRD_PARTY_OF_CARDS = {"pydantic", "yaml"}
NETWORK = {"asyncio", "http", "socket", "socketserver", "ssl", "urllib", "wsgiref", "xmlrpc"}
CLOCKS = {"now", "today", "utcnow", "fromtimestamp"}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
MOST_LINES = 400
MEDICINE = {"med", "cond", "lab", "vital", "obs", "phenotype", "proc", "allergy"}
# Words of medicine that reading FHIR cannot do without, each with its reason.
NEEDED = {
    "cds_service.fhir.dosage": {"dialysis"},  # a dose "after dialysis" is no part of the daily dose (book 1.5.9)
    "cds_service.fhir.timing_code": {"standing"},  # a standing order is scheduled; the word is a posture too
}


@cache
def program(module: str) -> ast.Module:
    """A module, parsed."""
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports when it is loaded or run; imports for types alone bind nothing and are left out."""
    return frozenset(_imports(program(module), module))


def _imports(node: ast.AST, module: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module} imports relatively: name the module in full"
            for alias in child.names:
                full = f"{child.module}.{alias.name}"
                yield full if full in MODULES else child.module or ""
        else:
            yield from _imports(child, module)


def within(package: str) -> list[str]:
    """Modules of a package."""
    return [module for module in MODULES if module == package or module.startswith(f"{package}.")]


def top(name: str) -> str:
    """The package a module belongs to."""
    return name.partition(".")[0]


def room(name: str) -> str:
    """The package of the service that a module belongs to, or the module that stands beside them."""
    return ".".join(name.split(".")[:2]) if top(name) == "cds_service" else top(name)


# -- arrows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", within("cards"))
def test_medicine_knows_no_http_and_no_fhir(module: str) -> None:
    packages = {top(name) for name in imports(module)}
    assert packages - sys.stdlib_module_names - {"cards"} <= THIRD_PARTY_OF_CARDS
    assert packages.isdisjoint(NETWORK)


@pytest.mark.parametrize("module", within("cds_service.fhir"))
def test_reading_fhir_needs_the_standard_library_only(module: str) -> None:
    for name in imports(module):
        assert top(name) in sys.stdlib_module_names or name.startswith("cds_service.fhir"), name


@pytest.mark.parametrize("module", within("cds_service.chart"))
def test_reading_the_chart_needs_medicine_and_fhir_only(module: str) -> None:
    rooms = {room(name) for name in imports(module)}
    assert rooms - sys.stdlib_module_names <= {"cards", "cds_service.fhir", "cds_service.chart"}


@pytest.mark.parametrize("module", [*within("cds_service.hooks"), *within("cds_service.ledger")])
def test_chart_protocol_and_ledger_meet_in_the_review(module: str) -> None:
    others = {f"cds_service.{name}" for name in ("chart", "hooks", "ledger", "review")} - {room(module)}
    assert others.isdisjoint(map(room, imports(module)))


@pytest.mark.parametrize("module", MODULES)
def test_everybody_asks_the_catalogue_never_a_card(module: str) -> None:
    for name in imports(module):
        assert not (name.startswith("cards.") and name.endswith(".rule")), name


@pytest.mark.parametrize("place", [str, room], ids=["modules", "rooms"])
def test_nothing_imports_in_circles(place: Callable[[str], str]) -> None:
    graph: dict[str, set[str]] = {place(module): set() for module in MODULES}
    for module in MODULES:
        graph[place(module)] |= {place(name) for name in imports(module) if name in MODULES} - {place(module)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


# -- words and numbers ----------------------------------------------------------------------------------------------


@cache
def words_of_medicine() -> frozenset[tuple[str, ...]]:
    """Names of drugs, diseases, tests and procedures, as the value sets spell them."""
    value_sets = load_value_sets()
    concepts = [value_sets.concept(name) for name in value_sets]
    phrases = {
        phrase
        for concept in concepts
        if not MEDICINE.isdisjoint(concept.kinds)
        for phrase in (*concept.text, concept.name.replace("_", " "))
    }
    return frozenset(words(phrase) for phrase in phrases if len(phrase) > 3)


@pytest.mark.parametrize("module", within("cds_service"))
def test_the_service_names_no_drug_disease_or_test(module: str) -> None:
    """Reading the chart may name a value set, as a whole; nobody else in the service may, and nobody its words."""
    named = {}
    for text in _texts(program(module)):
        if module.startswith("cds_service.chart.") and text in load_value_sets():
            continue
        said = words(text.replace("_", " "))
        named |= {
            " ".join(said[start:end]): text
            for start in range(len(said))
            for end in range(start + 1, min(start + 4, len(said)) + 1)
            if said[start:end] in words_of_medicine()
        }
    assert set(named) == NEEDED.get(module, set()), named


# Amounts that are no thresholds, each with its reason.
NO_THRESHOLDS = {
    "cards.consult": {"18 years"},  # the age of adults, by law
    "cards.immunoglobulin.ivig_dose_weight.rule": {"7 days"},  # a week, the unit of the sum that is judged
    "cards.immunoglobulin.ivig_maintenance_unsupported.rule": {
        "12 months"
    },  # `year` of its knowledge, as people say it
    "cards.pharmacology.infusion.course_wording": {"1 day", "7 days"},  # the singular; a week, as in ivig_dose_weight
    "cards.pharmacology.infusion.plain_words": {  # one writing of "weekly" and the like
        *("1 hour", "1 day", "1 week", "1 month", "2 day", "2 week"),
    },
    "cards.pharmacology.renal.creatinine_clearance": {"24-hour", "1.73 m2"},  # names of the test and of its unit
    "cards.pharmacology.renal.renal_maximum": {"4-h"},  # the session of dialysis that the label's supplement is for
}
AN_AMOUNT = re.compile(
    r"(?<!-)\b\d+(?:\.\d+)?(?:[-–]\d+(?:\.\d+)?)?[ -]?(?:mg|g|mcg|ug|mmol|mL|kg|cm|m2|ms|mm ?Hg|min|h|d|wk|%"
    r"|hours?|days?|weeks?|months?|years?)(?!\w)"
)


@pytest.mark.parametrize("module", within("cards"))
def test_no_amount_stands_in_the_words_of_a_rule(module: str) -> None:
    """Doses, limits and days are numbers of a knowledge file with unit and source, also where a card only says them."""
    said = {amount for text in _texts(program(module)) for amount in AN_AMOUNT.findall(text) if " " in text}
    assert said == NO_THRESHOLDS.get(module, set())


def _texts(tree: ast.Module) -> Iterator[str]:
    """Strings of a module that are no docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("module", [*within("cards"), *within("cds_service.fhir"), *within("cds_service.chart")])
def test_nobody_who_judges_reads_the_clock(module: str) -> None:
    assert "time" not in imports(module)
    for node in ast.walk(program(module)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in CLOCKS, f"line {node.lineno}: the day is handed in"


# -- sizes and names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_a_file_holds_one_thing_and_is_named_for_it(module: str) -> None:
    lines = MODULES[module].read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES, "look for the second thing in it"
    assert not set(module.split(".")) & NO_NAMES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is_for(module: str) -> None:
    docstring = ast.get_docstring(program(module)) or ""
    is_empty_package = MODULES[module].name == "__init__.py" and not program(module).body
    assert docstring.strip() or is_empty_package


def test_the_folders_of_the_house_are_the_ones_agreed_upon() -> None:
    families = {path.parent.parent.name for path in (HOUSE / "cards").glob("*/*/rule.py")}
    assert families == set(FAMILIES)
    assert all(re.fullmatch(r"[a-z0-9_]+", part) for module in MODULES for part in module.split("."))
