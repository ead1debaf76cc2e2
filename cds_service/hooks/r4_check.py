"""Is a resource that we send valid FHIR R4? Asked on the path of a call only where the site wants it."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from pydantic import ValidationError


def r4_problem(resource: dict[str, Any]) -> str:
    """What is wrong with the resource, by element and without its values; empty when it is valid R4."""
    try:
        _model(str(resource.get("resourceType"))).model_validate_json(orjson.dumps(resource))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found)
    except (KeyError, ValueError):  # how the models say that they do not know the type
        return "resourceType: none of R4"
    return ""


@cache
def _model(resource_type: str) -> Any:
    # imported here: half a second that only those pay who check
    from fhir.resources.R4B import get_fhir_model_class
    from fhir_core.fhirabstractmodel import FHIRAbstractModel

    # before the first model: unknown private fields of a draft are no fault of ours, and values stay out of messages
    FHIRAbstractModel.set_global_model_config(extra="ignore", hide_input_in_errors=True)
    return get_fhir_model_class(resource_type)
