"""Which FHIR servers are called: by their text, and by the address their name stands for."""

import pytest

from cds_service.clients import ANYBODY, Caller, Client
from cds_service.hooks.fhir_address import AddressPolicy, Reach, must_be_https, origin, policy_of

PUBLIC = AddressPolicy()
ON_LOOPBACK = AddressPolicy(is_on_loopback=True)
CLIENTS = AddressPolicy(allowed=("https://ehr.example.org/fhir/r4", "http://10.1.2.3:8080/fhir"), is_open=False)


def test_open_mode_calls_any_https_server_by_name():
    assert PUBLIC.reach("https://ehr.example.org/fhir") is Reach.PUBLIC
    assert PUBLIC.reach("https://ehr.example.org:8443/fhir/") is Reach.PUBLIC


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/fhir", "http://localhost:8080/fhir", "https://[::1]/fhir"])
def test_loopback_is_called_only_when_the_service_listens_there_too(address):
    assert ON_LOOPBACK.reach(address) is Reach.LOOPBACK
    assert PUBLIC.reach(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "http://ehr.example.org/fhir",  # not https
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/fhir",
        "https://10.0.0.5/fhir",
        "https://93.184.216.34/fhir",  # an IP literal, public or not
        "https://[2606:2800:220:1:248:1893:25c8:1946]/fhir",
        "https://user@ehr.example.org/fhir",
        "https://user:secret@ehr.example.org/fhir",
        "https://@ehr.example.org/fhir",
        "https://ehr.example.org/fhir?tenant=1",
        "https://ehr.example.org/fhir#x",
        "https://ehr.example.org/fhir#",
        "https://ehr.example.org/a/../fhir",
        "https://ehr.example.org/a/%2e%2e/fhir",
        "https://ehr.example.org/a/..%2ffhir",
        "https://ehr.example.org/a/./fhir",
        "https://ehr.example.org\\@evil.example/fhir",
        "https://ehr.example.org\\fhir",
        "https://ehr.example.org/fhir\x7f",
        "https://ehr.example.org/fhir\r\nX: y",
        "https://ehr.example.org/fh ir",
        "https://ehr.example.org:0/fhir",
        "https://ehr.example.org:99999/fhir",
        "https://ehr.exämple.org/fhir",
        "https:///fhir",
        "https://[::1/fhir",
        "ftp://ehr.example.org/fhir",
        "file:///etc/passwd",
        "gopher://ehr.example.org/",
        "//ehr.example.org/fhir",
        "ehr.example.org/fhir",
        "",
    ],
)
def test_what_is_no_plain_https_address_is_not_called(address):
    """OUT-03."""
    assert PUBLIC.reach(address) is None
    assert ON_LOOPBACK.reach(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.org/fhir/r4",
        "https://ehr.example.org/fhir/r4/",
        "https://EHR.example.org:443/fhir/r4/tenant-7",
        "http://10.1.2.3:8080/fhir",
    ],
)
def test_an_allowed_server_is_called_wherever_it_is(address):
    assert CLIENTS.reach(address) is Reach.ANYWHERE


@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.org/fhir/r4x",
        "https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir/r4/../r5",
        "https://ehr.example.org:8443/fhir/r4",
        "http://ehr.example.org/fhir/r4",
        "https://ehr.example.org.evil.example/fhir/r4",
        "https://evil.example/fhir/r4",
        "ftp://ehr.example.org/fhir/r4",
        "http://127.0.0.1:8080/fhir",
    ],
)
def test_with_clients_nothing_but_what_is_allowed_is_called(address):
    """OUT-02."""
    assert CLIENTS.reach(address) is None


def test_a_list_of_allowed_servers_does_not_close_open_mode():
    policy = AddressPolicy(allowed=("http://10.1.2.3:8080/fhir",), is_on_loopback=True)
    assert policy.reach("http://10.1.2.3:8080/fhir") is Reach.ANYWHERE
    assert policy.reach("https://ehr.example.org/fhir") is Reach.PUBLIC


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104
        "10.9.8.7",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",  # a cloud's metadata service among the carrier addresses
        "168.63.129.16",  # another's, on a public address
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2002:7f00:1::",
    ],
)
def test_a_public_server_is_not_at_an_inner_address_in_whatever_form(address):
    """OUT-03."""
    assert not Reach.PUBLIC.holds(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "2606:2800:220:1::a00:1", "64:ff9b::5db8:d822"]
)
def test_a_public_server_is_at_a_public_address(address):
    assert Reach.PUBLIC.holds(address)


def test_loopback_connections_stay_on_loopback():
    assert Reach.LOOPBACK.holds("127.0.0.1")
    assert Reach.LOOPBACK.holds("::1")
    assert not Reach.LOOPBACK.holds("10.0.0.1")
    assert not Reach.LOOPBACK.holds("93.184.216.34")
    assert not Reach.LOOPBACK.holds("64:ff9b::7f00:1"), "it leads elsewhere, whatever it carries inside"


def test_an_allowed_server_may_be_anywhere():
    assert Reach.ANYWHERE.holds("10.0.0.1")


def test_the_origin_is_scheme_host_and_port():
    assert origin("https://EHR.example.org/fhir?x=1") == ("https", "ehr.example.org", 443)
    assert origin("http://127.0.0.1:8080/fhir") == ("http", "127.0.0.1", 8080)
    assert origin("https://user@ehr.example.org/fhir") is None


# -- per caller -------------------------------------------------------------------------------------------------------

HTTPS_EHR = Client.model_validate(
    {"issuer": "a", "name": "a", "keys": "k", "fhir_servers": ["https://ehr.example.org/fhir/r4"]}
)
LOCAL_EHR = HTTPS_EHR.model_copy(update={"fhir_servers": ("http://127.0.0.1:8080/fhir",)})
TEST_EHR = HTTPS_EHR.model_copy(update={"test": True})
OPEN_ON_LOOPBACK = AddressPolicy(is_on_loopback=True)


def test_out_02_sec_21_for_a_client_its_own_servers_are_called_and_no_other():
    policy = policy_of(Caller(HTTPS_EHR), OPEN_ON_LOOPBACK)
    assert policy.reach("https://ehr.example.org/fhir/r4/") is Reach.ANYWHERE
    assert policy.reach("https://other.example.org/fhir/r4") is None
    assert policy.reach("http://127.0.0.1:8080/fhir") is None
    assert not policy.is_open


def test_out_02_a_client_without_servers_has_none_called():
    nobody = HTTPS_EHR.model_copy(update={"fhir_servers": ()})
    assert policy_of(Caller(nobody), OPEN_ON_LOOPBACK).reach("https://ehr.example.org/fhir/r4") is None


def test_for_a_caller_without_token_what_open_mode_allows_holds():
    assert policy_of(ANYBODY, OPEN_ON_LOOPBACK) is OPEN_ON_LOOPBACK


@pytest.mark.parametrize(
    ("caller", "address", "is_refused"),
    [
        (Caller(HTTPS_EHR), "http://ehr.example.org/fhir/r4", True),
        (Caller(HTTPS_EHR), "HTTP://ehr.example.org/fhir/r4", True),
        (Caller(HTTPS_EHR), "http://127.0.0.1:8080/fhir", True),
        (Caller(HTTPS_EHR), "https://ehr.example.org/fhir/r4", False),
        (Caller(HTTPS_EHR), "https://other.example.org/fhir", False),
        (Caller(HTTPS_EHR), "", False),
        (Caller(LOCAL_EHR), "http://127.0.0.1:8080/fhir", False),
        (Caller(TEST_EHR), "http://ehr.example.org/fhir/r4", False),
        (ANYBODY, "http://ehr.example.org/fhir/r4", False),
    ],
)
def test_req_5_plain_http_is_refused_for_a_client_that_treats_patients(caller, address, is_refused):
    assert must_be_https(caller, address) is is_refused


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "168.63.129.16", "224.0.0.1"),
        *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    ],
)
def test_out_03_not_even_a_listed_server_is_at_an_address_of_the_cloud_itself(address):
    assert not Reach.ANYWHERE.holds(address)
