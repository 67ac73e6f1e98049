"""Who asks, how and under which name, where a reverse proxy stands in front. It tells so in headers that
anyone can send, so they count from the proxies of the settings alone. This is the one place that reads them:
behind it a request is as its sender sent it, and nothing else has to know that there is a proxy."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import cast

from litestar.types import HTTPScope

from otrs_web.settings_values import Networks

_Address = IPv4Address | IPv6Address

_FOR, _PROTO, _HOST, _ID = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-request-id"
_SCHEMES = ("http", "https")
_HOST_NAME = re.compile(r"([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_WITH_PORT = re.compile(r"\[(.+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")


def without_proxies(scope: HTTPScope, trusted: Networks) -> HTTPScope:
    """The request as it was sent to the outermost trusted proxy: with the sender's address, scheme and host.
    From anybody else `X-Forwarded-*` and `X-Request-ID` are taken away, so whoever finds an `X-Request-ID`
    behind this has it from a trusted proxy."""
    # None where the sender has hung up already: nobody knows who it was, so nobody's word is taken
    host, port = scope.get("client") or ("unknown", 0)
    peer = _address(host)
    is_proxy = peer is not None and peer in trusted
    hidden = {_FOR, _PROTO, _HOST} if is_proxy else {_FOR, _PROTO, _HOST, _ID}
    headers = [(name, value) for name, value in scope["headers"] if name not in hidden]
    found = {**scope, "headers": headers, "client": (str(peer or host), port)}
    if peer is not None and is_proxy:
        sender = _sender(peer, _said(scope, _FOR), trusted)
        if sender != peer:
            found["client"] = (str(sender), 0)
        if (scheme := _last(_said(scope, _PROTO)).lower()) in _SCHEMES:
            found["scheme"] = scheme
        if _HOST_NAME.fullmatch(name := _last(_said(scope, _HOST))):
            headers[:] = [pair for pair in headers if pair[0] != b"host"] + [(b"host", name.encode())]
    return cast("HTTPScope", found)


def _sender(peer: _Address, forwarded: str, trusted: Networks) -> _Address:
    """Every proxy appends whom it got the request from, so read from the right, the first address that is no
    trusted proxy's is the sender's; whatever stands before it anyone can claim. Where an entry is no address,
    the last hop that is known is all that is known."""
    for entry in reversed(forwarded.split(",")):
        hop = _address(_without_port(entry.strip()))
        if hop is None:
            break
        peer = hop
        if hop not in trusted:
            break
    return peer


def _said(scope: HTTPScope, name: bytes) -> str:
    """A header that is given several times means the same as one with all the values."""
    return ",".join(value.decode("latin1") for given, value in scope["headers"] if given == name)


def _without_port(entry: str) -> str:
    match = _WITH_PORT.fullmatch(entry)
    return (match[1] or match[2]) if match else entry


def _last(values: str) -> str:
    return values.rpartition(",")[2].strip()


def _address(text: str) -> _Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # a socket for both families shows IPv4 in this guise
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
