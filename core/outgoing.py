"""Requests to addresses that people entered: never to this machine or its network.

The name is resolved once, every address it has must be public, and the connection goes to the address that was checked.
No redirect is followed, and nothing of an answer is read but its status.
"""

import ipaddress
import socket
import ssl
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SECONDS = 10  # for the whole request
LONGEST_STATUS = 4096  # bytes
# Addresses that stand for IPv4 ones, which may be private: NAT64, 6to4 and Teredo.
EMBEDDED = [ipaddress.ip_network(text) for text in ("64:ff9b::/32", "2002::/16", "2001::/32")]


class Refused(OSError):
    """The address is not one that requests may be sent to."""


def is_public(text: str) -> bool:
    """Return True if this IP address is one of the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6 and any(address in network for network in EMBEDDED):
        return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int) -> str:
    """Return the IP address to connect to; raise Refused unless every address of this host may be used."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.WEBHOOKS_TO_PRIVATE and not all(map(is_public, found)):
        raise Refused("not a public address")
    return str(found[0])


def validate_address(url: str) -> None:
    """Raise ValidationError unless requests may be sent to this address."""
    schemes = ("https", "http") if settings.WEBHOOKS_TO_PRIVATE else ("https",)
    wrong = ValidationError(_("Enter an address that starts with https://."))
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise wrong from None
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password or not url.isascii():
        raise wrong
    if any(char.isspace() or ord(char) < 32 for char in url):
        raise wrong
    try:
        resolve(parts.hostname, port)
    except Refused:
        raise ValidationError(_("This address is not on the public internet.")) from None
    except (OSError, UnicodeError):
        raise ValidationError(_("This address was not found. Check it for typos.")) from None


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a POST and return the status of the answer; raise OSError if there is none within ten seconds."""
    deadline, parts = time.monotonic() + SECONDS, urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in ({"User-Agent": "Throughline"} | headers).items()]
    try:
        address = resolve(host, port)
    except UnicodeError:
        raise Refused("not a host name") from None
    with socket.create_connection((address, port), timeout=left(deadline)) as plain:
        connection = plain
        if parts.scheme == "https":
            connection = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        with connection:
            connection.settimeout(left(deadline))
            connection.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + body)
            return read_status(connection, deadline)


def read_status(connection, deadline: float) -> int:
    text = b""
    while b"\n" not in text and len(text) < LONGEST_STATUS:
        connection.settimeout(left(deadline))
        if not (part := connection.recv(LONGEST_STATUS)):
            break
        text += part
    words = text.partition(b"\n")[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1") or not words[1].isdigit() or len(words[1]) != 3:
        raise ConnectionError("not an answer of a web server")
    return int(words[1])


def left(deadline: float) -> float:
    """Return the seconds until the deadline; raise TimeoutError after it."""
    if (seconds := deadline - time.monotonic()) <= 0:
        raise TimeoutError("too slow")
    return seconds
