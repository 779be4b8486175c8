"""Which addresses a webhook may be sent to, where private ones are not allowed.

IANA's registries of special-purpose addresses say which are global. The standard library knows most of them; which ones
depends on its version, so what it has not always known is named here.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

SPECIAL = tuple(
    ip_network(each)
    for each in (
        "192.0.0.0/24",  # for protocols, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        # IPv6 addresses that stand for IPv4 ones, which a gateway on the way may reach. No receiver needs such a name.
        "::/96",  # IPv4-compatible, RFC 4291
        "::ffff:0:0/96",  # IPv4-mapped, RFC 4291
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 of a site, RFC 8215
        "2001::/23",  # for protocols, RFC 2928; Teredo among them
        "2002::/16",  # 6to4, RFC 3056
        "3fff::/20",  # for documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # site-local, RFC 3879
    )
)


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, of a single host. What is no address is not.

    Refused are private, loopback, link-local, site-local, shared (carrier-grade NAT), multicast, unspecified and
    reserved ones, and IPv6 addresses that stand for IPv4 ones.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    return not any(found in network for network in SPECIAL if network.version == found.version)
