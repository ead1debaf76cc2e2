"""What a call says of the client's FHIR server: its address, what authorizes us there, and whether that can be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cds_service.clients import Caller
from cds_service.errors import InvalidRequest, OtherPatient
from cds_service.fhir.coding import as_dict
from cds_service.hooks.fields import bare_id, text

EXPIRED = "the token for the FHIR server has expired"
NO_BEARER = "the token for the FHIR server is of an unknown type"
NOT_OURS = "the token for the FHIR server is for another client"


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


def _refused(authorization: Mapping[str, Any], caller: Caller) -> str:
    """Why the token cannot be used, as far as it says; empty when it can."""
    expires_in = authorization.get("expires_in")
    if isinstance(expires_in, int | float) and expires_in <= 0:
        return EXPIRED
    if text(authorization.get("token_type")).lower() not in ("bearer", ""):
        return NO_BEARER
    subject = "" if caller.client is None else caller.client.fhir_subject
    return NOT_OURS if subject and subject != authorization.get("subject") else ""
