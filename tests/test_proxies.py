"""Which of a proxy's words are believed, and from whom."""

import pytest
from litestar.connection import ASGIConnection

from otrs_web.proxies import without_proxies
from otrs_web.settings_values import DEFAULT_TRUSTED_PROXIES, Networks

OWN = DEFAULT_TRUSTED_PROXIES
CHAIN = Networks("10.1.0.0/16", "2001:db8::/32")


def asked(peer, trusted, *headers):
    """The connection that the application sees for a request that `peer` has sent."""
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    scope = {
        "type": "http",
        "scheme": "http",
        "path": "/",
        "server": ("127.0.0.1", 5000),
        "query_string": b"",
        "client": (peer, 1) if peer else None,
        "headers": [(b"host", b"app:5000"), *pairs],
    }
    return ASGIConnection(without_proxies(scope, trusted))


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        (OWN, "192.0.2.7", None, "192.0.2.7"),
        (OWN, "192.0.2.7", "198.51.100.1", "192.0.2.7"),
        (OWN, "127.0.0.1", None, "127.0.0.1"),
        (OWN, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (OWN, "127.0.0.2", "198.51.100.1", "127.0.0.2"),
        (OWN, "127.0.0.1", "10.9.9.9, 198.51.100.1", "198.51.100.1"),
        (OWN, "127.0.0.1", "198.51.100.1, 127.0.0.1", "198.51.100.1"),
        (OWN, "::1", "2001:db8::7", "2001:db8::7"),
        (OWN, "::ffff:127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        (OWN, "::ffff:192.0.2.7", "198.51.100.1", "192.0.2.7"),
        (OWN, "127.0.0.1", "192.0.2.7:4711", "192.0.2.7"),
        (OWN, "127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        (OWN, "127.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        (OWN, "127.0.0.1", "<script>", "127.0.0.1"),
        (OWN, "127.0.0.1", "", "127.0.0.1"),
        (OWN, "127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"),
        (OWN, None, "198.51.100.1", "unknown"),
        (OWN, None, None, "unknown"),
        (Networks(), None, "198.51.100.1", "unknown"),
        (Networks(), "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        (CHAIN, "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        (CHAIN, "10.1.2.3", "6.6.6.6, 198.51.100.1, 2001:db8::2", "198.51.100.1"),
        (CHAIN, "10.1.2.3", "198.51.100.1, unknown, 2001:db8::2", "2001:db8::2"),
        (CHAIN, "10.1.2.3", "10.1.9.9, 10.1.8.8", "10.1.9.9"),
        (CHAIN, "10.2.2.3", "198.51.100.1", "10.2.2.3"),
    ],
)
def test_the_sender_is_the_last_hop_that_is_no_trusted_proxy(trusted, peer, forwarded, address):
    headers = [("x-forwarded-for", forwarded)] if forwarded is not None else []
    assert asked(peer, trusted, *headers).client.host == address


def test_a_header_given_twice_is_one_list():
    given = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")]
    assert asked("127.0.0.1", OWN, *given).client.host == "198.51.100.1"


@pytest.mark.parametrize(
    ("proto", "host", "scheme", "netloc"),
    [
        ("https", "tickets.example.org", "https", "tickets.example.org"),
        ("HTTPS", "tickets.example.org:8443", "https", "tickets.example.org:8443"),
        ("http, https", "evil.test, [2001:db8::7]:8443", "https", "[2001:db8::7]:8443"),
        ("gopher", "a b", "http", "app:5000"),
        ("", "evil.test/path", "http", "app:5000"),
    ],
)
def test_a_proxy_says_by_which_address_it_was_asked(proto, host, scheme, netloc):
    said = [("x-forwarded-proto", proto), ("x-forwarded-host", host)]
    url = asked("127.0.0.1", OWN, *said).url
    assert (url.scheme, url.netloc) == (scheme, netloc)
    url = asked("192.0.2.7", OWN, *said).url
    assert (url.scheme, url.netloc) == ("http", "app:5000")


def test_what_only_a_proxy_may_say_is_taken_away_from_others():
    said = [("x-request-id", "abc"), ("x-forwarded-proto", "https"), ("accept", "text/html")]
    assert dict(asked("192.0.2.7", OWN, *said).headers) == {"host": "app:5000", "accept": "text/html"}
    assert dict(asked("127.0.0.1", OWN, *said).headers) == {
        "host": "app:5000",
        "accept": "text/html",
        "x-request-id": "abc",
    }
