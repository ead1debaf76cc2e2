"""One request to a FHIR server: what is sent, and what of the answer is believed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import orjson
import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from cds_service.hooks.connections import open_session, received
from cds_service.hooks.fhir_address import AddressNotAllowed, Reach
from cds_service.hooks.fhir_reply import (
    FAILED,
    LATE,
    NOT_ACCEPTED,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_TRUSTED,
    REDIRECTED,
    REFUSED,
    TOO_LARGE,
    UNREACHABLE,
    UNREADABLE,
    Reply,
)
from cds_service.hooks.json_bounds import has_too_many_values, is_too_deep

_BY_STATUS = {400: NOT_ACCEPTED, 401: REFUSED, 403: REFUSED, 404: NOT_FOUND, 410: NOT_FOUND}
_FHIR_JSON = "application/fhir+json"


class FhirExchange:
    """Requests to FHIR servers of one reach, over connections that are kept."""

    def __init__(self, reach: Reach, connections: int) -> None:
        self._session = open_session(reach, _FHIR_JSON, connections)

    def get(self, url: str, headers: Mapping[str, str], seconds: float, at_most: int) -> Reply:
        """The resource at this address, within so many seconds, of at most so many bytes."""
        timeout: Any = Timeout(total=seconds)  # `requests` takes it; its types do not say so
        try:
            with self._session.get(
                url, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                return _read(response, at_most)
        except AddressNotAllowed:
            return Reply(why=NOT_ALLOWED)
        except (requests.Timeout, Urllib3Timeout):
            return Reply(why=LATE)
        except requests.exceptions.SSLError:
            return Reply(why=NOT_TRUSTED)
        except (requests.RequestException, HTTPError):
            return Reply(why=UNREACHABLE)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()


def _read(response: requests.Response, at_most: int) -> Reply:
    status = response.status_code
    if status != requests.codes.ok:
        return Reply(why=_BY_STATUS.get(status, REDIRECTED if 300 <= status < 400 else FAILED))
    if "json" not in response.headers.get("Content-Type", "json").lower():
        return Reply(why=UNREADABLE)  # a log-in page, most often
    try:
        text = received(response, at_most)
        if text is None or has_too_many_values(text, at_most):
            return Reply(why=TOO_LARGE)
        body = orjson.loads(text)
    except (zlib.error, ValueError):
        return Reply(why=UNREADABLE)
    is_resource = isinstance(body, dict) and "resourceType" in body and not is_too_deep(body)
    return Reply(body) if is_resource else Reply(why=UNREADABLE)
