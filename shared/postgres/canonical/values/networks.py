"""Addresses of networks and of network cards."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_ADDRESS_BITS = {4: 32, 6: 128}
_MAC_BYTES = re.compile("[0-9a-f]{2}")
_MAC_SHAPES = (
    r"{0}([:-]){0}(?:\1{0}){{4}}(?:(?:\1{0}){{2}})?", r"{0}{{3}}[:-]{0}{{3}}", r"{0}{{3}}[:-]{0}{{5}}",
    r"{0}{{2}}([.-]){0}{{2}}\1{0}{{2}}(?:\1{0}{{2}})?", r"{0}{{6}}(?:{0}{{2}})?",
)  # fmt: skip
_MACS = [re.compile(shape.format("(?:[0-9a-f]{2})")) for shape in _MAC_SHAPES]


def inet(value: str) -> str | None:
    """An address without its mask where that says nothing: ``10.0.0.1``."""
    found = _address(value.strip())
    if found is None:
        return None
    address, bits = found
    return f"{_written(address)}/{bits}" if bits not in {None, _ADDRESS_BITS[address.version]} else _written(address)


def cidr(value: str) -> str | None:
    """A network, always with its mask; one that is cut short gets that of its old class (inet_cidr_pton)."""
    text, _, mask = value.strip().partition("/")
    octets = text.rstrip(".").split(".")
    if ":" not in text and len(octets) < 4:
        if not all(octet.isdigit() and int(octet) < 256 for octet in octets):
            return None
        first = int(octets[0])
        by_class = 32 if first >= 240 else 8 if first >= 224 else 24 if first >= 192 else 16 if first >= 128 else 8
        widest = max(by_class, 8 * len(octets))
        bits = int(mask) if mask.isdigit() else 4 if (first, widest) == (224, 8) else widest
        return f"{'.'.join([*map(str, map(int, octets)), *['0'] * (4 - len(octets))])}/{bits}"
    found = _address(value.strip())
    if found is None:
        return None
    address, given = found
    return f"{_written(address)}/{_ADDRESS_BITS[address.version] if given is None else given}"


def _address(text: str) -> "tuple[IPv4Address | IPv6Address, int | None] | None":
    from ipaddress import ip_address  # noqa: PLC0415  # hardly any constant is an address

    written, _, mask = text.partition("/")
    if "%" in written or (mask and not mask.isdigit()):
        return None
    try:
        return ip_address(written), int(mask) if mask else None
    except ValueError:
        return None


def _written(address: "IPv4Address | IPv6Address") -> str:
    mapped = getattr(address, "ipv4_mapped", None)
    return str(address) if mapped is None else f"::ffff:{mapped}"


def macaddr(value: str) -> str | None:
    found = _mac(value)
    return ":".join(found) if len(found) == 6 else None


def macaddr8(value: str) -> str | None:
    """Six bytes become eight with ff:fe in their middle."""
    found = _mac(value)
    if len(found) == 6:
        found = [*found[:3], "ff", "fe", *found[3:]]
    return ":".join(found) if len(found) == 8 else None


def _mac(value: str) -> list[str]:
    text = value.strip().lower()
    return _MAC_BYTES.findall(re.sub("[^0-9a-f]", "", text)) if any(shape.fullmatch(text) for shape in _MACS) else []
