"""JSON in an address: the same when read back, and nothing that is too large, too deep or made up."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.playground.packing import LARGEST, LONGEST, NotPacked, packed, unpacked


def squeezed(content: bytes) -> str:
    return urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@pytest.mark.parametrize("value", [[], {"a": ["é", 1.5, None]}, [{"id": "x" * 200}] * 20])
def test_what_was_packed_is_the_same_again(value: Any) -> None:
    assert unpacked(packed(value)) == value
    assert packed(value).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "text",
    [
        "é",
        "abc",
        "====",
        squeezed(b"not json"),
        squeezed(b"\xff\xfe"),
        squeezed(b"[1]")[:-6],
        squeezed(b" " * (LARGEST + 1)),
        squeezed(b"[" * 240 + b"]" * 240),
        "A" * (LONGEST + 1),
    ],
)
def test_what_cannot_be_unpacked_is_refused(text: str) -> None:
    with pytest.raises(NotPacked):
        unpacked(text)


@pytest.mark.parametrize("depth", [200, 226, 230, 240, 250, 400])
def test_a_deep_basket_never_makes_the_page_fail(client: FlaskClient, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    drafts = squeezed(b'[{"resourceType": "MedicationRequest", "id": "x", "extension": %s}]' % deep)
    assert client.get("/", query_string={"patient": "child", "drafts": drafts}).status_code in (200, 400)
