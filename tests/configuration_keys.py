"""The keys of a settings model in words: what may be written, the default, the meaning, an example."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from inspect import getdoc
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from cds_service.setting_values import Section

# The service names no drug, disease or test in its code: examples that do stand here.
CLINICAL_EXAMPLES: Mapping[str, object] = {
    "CardChoice.off": ["ivig-indication"],
    "CardChoice.on": ["can-beta-blocker-selectivity"],
    "CardChoice.silent": ["hba1c-context"],
    "CardChoice.off_at": {"order-select": ["ivig-indication"]},
    "ClientCards.off": ["hba1c-context"],
    "ClientCards.only": ["rituximab-hbv-serology"],
    "ClientCards.silent": ["tca-caution"],
    "LocalLink.rule": "rituximab-hbv-serology",
    "LocalLink.label": "Our hepatitis B protocol",
    "LocalLink.url": "https://intranet.example.org/hbv",
    "Terminology.value_sets": ["cidp.json"],
    "Terminology.codes": {"urn:oid:1.2.246.537.6.55": {"0123": "pregabalin"}},
    "Terminology.drug_names": {"Nervex": "gabapentin"},
}
_WORDS = {bool: "`true`, `false`", int: "whole number", float: "number", str: "text", SecretStr: "text", Path: "file"}
_BOUNDS = {"ge": "from {:g}", "gt": "above {:g}", "le": "to {:g}", "lt": "below {:g}"}


class Key(NamedTuple):
    """One key. `kind`: what may be written, in words; `default` and `example` as TOML."""

    name: str
    kind: str
    default: str
    means: str
    example: str


class Table(NamedTuple):
    """The keys of one table of the site file. `heading` "": the keys that stand before any table."""

    heading: str
    means: str
    keys: tuple[Key, ...]


def sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """This model and those of the tables inside it."""
    yield model
    for field in model.model_fields.values():
        if (section := _section(field.annotation)) is not None:
            yield from sections(section)


def tables(model: type[BaseModel], path: str = "", *, is_list: bool = False) -> Iterator[Table]:
    """The table of this model, then those inside it."""
    heading = f"[[{path}]]" if is_list else f"[{path}]" if path else ""
    yield Table(heading, _summary(model), tuple(keys(model)))
    for name, field in model.model_fields.items():
        if (section := _section(field.annotation)) is not None:
            inside = f"{path}.{name}" if path else name
            yield from tables(section, inside, is_list=section is not field.annotation)


def keys(model: type[BaseModel]) -> Iterator[Key]:
    """The keys of a model that are no tables of their own. Raises LookupError naming one without words or example."""
    for name, field in model.model_fields.items():
        if _section(field.annotation) is None:
            where = f"{model.__module__}.{model.__qualname__}.{name}"
            if not field.description:
                raise LookupError(f"{where}: say what it means: Field(…, description=…)")
            kind = _kind(field.annotation, field.metadata, where)
            yield Key(
                name, kind, _default(field), field.description, _example(f"{model.__name__}.{name}", field, where)
            )


def as_toml(value: object) -> str:
    """A value as one line of TOML."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_toml_key(key)} = {as_toml(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, (set, frozenset)):
        return as_toml(sorted(value))
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, SecretStr):
        return as_toml(value.get_secret_value())
    if isinstance(value, Path):
        return as_toml(value.as_posix())
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)


def _section(annotation: Any) -> type[BaseModel] | None:
    """The model of a table, or of each table of a list; None: a plain value."""
    inner = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return inner if isinstance(inner, type) and issubclass(inner, Section) else None


def _summary(model: type[BaseModel]) -> str:
    return " ".join((getdoc(model) or "").partition("\n\n")[0].split())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    if field.default_factory is not None:
        return "worked out"
    return "none" if field.default is None else f"`{as_toml(field.default)}`"


def _example(name: str, field: FieldInfo, where: str) -> str:
    if name in CLINICAL_EXAMPLES:
        return as_toml(CLINICAL_EXAMPLES[name])
    if field.examples:
        return as_toml(field.examples[0])
    values: tuple[object, ...] = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    others = [value for value in ((True, False) if field.annotation is bool else values) if value != field.default]
    if not others:
        raise LookupError(f"{where}: give an example: Field(…, examples=[…])")
    return as_toml(others[0])


def _kind(annotation: Any, metadata: list[Any], where: str) -> str:
    """What may be written, in words: an own validator gives its name, `_web_address`."""
    for check in metadata:
        if isinstance(check, AfterValidator):
            return getattr(check.func, "__name__", "").strip("_").replace("_", " ")
    origin, inner = get_origin(annotation), [part for part in get_args(annotation) if part not in (type(None), ...)]
    if origin is Annotated:
        return _kind(inner[0], inner[1:], where)
    if origin in (Union, UnionType):
        return _kind(inner[0], [], where)
    if origin is Literal:
        return ", ".join(f"`{as_toml(value)}`" for value in inner)
    if origin is Mapping:
        return f"table: {_kind(inner[0], [], where)} → {_kind(inner[1], [], where)}"
    if origin in (tuple, frozenset):
        return f"list: {_kind(inner[0], [], where)}"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{value}`" for value in annotation)
    if annotation not in _WORDS:
        raise LookupError(f"{where}: no words for {annotation}; add them to tests/configuration_keys.py")
    return " ".join((_WORDS[annotation], *_bounds(metadata)))


def _bounds(metadata: list[Any]) -> Iterator[str]:
    for check in metadata:
        for name, words in _BOUNDS.items():
            if (limit := getattr(check, name, None)) is not None:
                yield words.format(limit)
