"""What a call says of the client's FHIR server: its address, what authorizes us there, and whether that can be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from cds_service.clients import Caller
from cds_service.errors import InvalidRequest, OtherPatient
from cds_service.fhir.coding import as_dict
from cds_service.hooks.fields import bare_id, text

EXPIRED = "the token for the FHIR server has expired"
NO_BEARER = "the token for the FHIR server is of an unknown type"
UNUSABLE = "the token for the FHIR server cannot be used"
NOT_OURS = "the token for the FHIR server is for another client"

_TOKEN = re.compile(r"[\x21-\x7e]{1,16000}")  # longer ones are refused by servers as too large a header


class FhirAccess(NamedTuple):
    """Access to a FHIR server. `authorization` is for `server` only and is never written anywhere.

    `refused` says why the token cannot be used: `server` is empty then, for it is not called without one either.
    """

    server: str = ""
    authorization: Mapping[str, Any] = {}
    refused: str = ""


def read_fhir_access(body: dict[str, Any], patient_id: str, caller: Caller) -> FhirAccess:
    """The access that a call grants. Raises InvalidRequest for a token without a server, or for another patient."""
    server = text(body.get("fhirServer"))
    authorization = as_dict(body.get("fhirAuthorization"))
    if not authorization:
        return FhirAccess(server)
    if not server:
        raise InvalidRequest("fhirServer", "the server that fhirAuthorization is for")
    restricted_to = bare_id(text(authorization.get("patient")), "Patient")
    if restricted_to and restricted_to != patient_id:
        raise OtherPatient("fhirAuthorization.patient")
    refused = _refused(authorization, caller)
    return FhirAccess("" if refused else server, authorization, refused)


def usable_token(authorization: Mapping[str, Any]) -> str:
    """The access token, where a header can carry it; empty otherwise."""
    token = authorization.get("access_token")
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else ""


def lifetime_seconds(authorization: Mapping[str, Any]) -> float | None:
    """How long the token lives by its own words; None when they do not say. Some write the number as text."""
    value = authorization.get("expires_in")
    try:
        seconds = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return seconds if seconds is not None and isfinite(seconds) else None


def _refused(authorization: Mapping[str, Any], caller: Caller) -> str:
    """Why the token cannot be used, as far as it says; empty when it can."""
    lifetime = lifetime_seconds(authorization)
    if lifetime is not None and lifetime <= 0:
        return EXPIRED
    kind = authorization.get("token_type")
    if kind is not None and (not isinstance(kind, str) or kind.strip().lower() not in ("bearer", "")):
        return NO_BEARER
    if authorization.get("access_token") not in (None, "") and not usable_token(authorization):
        return UNUSABLE
    subject = "" if caller.client is None else caller.client.fhir_subject
    return NOT_OURS if subject and subject != authorization.get("subject") else ""
