"""Requests to addresses that people entered: never to this machine or its network.

The name is resolved once, every address it has must be public, and the connection goes to the address that was checked.
No redirect is followed. Of the answer to a POST only the status is read, of a file no more than it may have.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SECONDS = 10  # for the whole request
LONGEST_STATUS = 4096  # bytes
# Addresses that stand for IPv4 ones, which may be private: NAT64, 6to4 and Teredo.
EMBEDDED = [ipaddress.ip_network(text) for text in ("64:ff9b::/32", "2002::/16", "2001::/32")]


class Refused(OSError):
    """The address is not one that requests may be sent to."""


class TooLarge(OSError):
    """The file is larger than it may be."""


def is_public(text: str) -> bool:
    """Return True if this IP address is one of the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6 and any(address in network for network in EMBEDDED):
        return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, private: bool) -> str:
    """Return the IP address to connect to; raise Refused if one of this host is private, unless `private`."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(map(is_public, found)):
        raise Refused("not a public address")
    return found[0]


def validate_address(url: str, *, private: bool) -> None:
    """Raise ValidationError unless requests may be sent to this address; with `private`, to one without https, too."""
    schemes = ("https", "http") if private else ("https",)
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
        resolve(parts.hostname, port, private)
    except Refused:
        raise ValidationError(_("This address is not on the public internet.")) from None
    except (OSError, UnicodeError):
        raise ValidationError(_("This address was not found. Check it for typos.")) from None


def post(url: str, body: bytes, headers: dict[str, str], *, private: bool, seconds: float | None = None) -> int:
    """Send a POST and return the status of the answer; raise OSError if there is none within ten seconds."""
    deadline = time.monotonic() + (seconds or SECONDS)
    with connected(url, deadline, private) as connection:
        head = request_head("POST", url, {"Content-Length": str(len(body))} | headers)
        connection.sendall(head + body)
        return read_status(connection, deadline)


def get(url: str, most: int, headers: dict[str, str], *, private: bool) -> tuple[int, bytes]:
    """Return the status and the content of a file; raise TooLarge beyond `most` bytes, or another OSError."""
    deadline = time.monotonic() + SECONDS
    with connected(url, deadline, private) as connection:
        connection.sendall(request_head("GET", url, {"Accept-Encoding": "identity"} | headers))
        try:
            answer = http.client.HTTPResponse(Timed(connection, deadline))  # type: ignore[arg-type]  # it needs makefile() only
            answer.begin()
            content = answer.read(most + 1)
        except (http.client.HTTPException, ValueError) as error:
            raise ConnectionError("not an answer of a web server") from error
    if len(content) > most:
        raise TooLarge("larger than allowed")
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise ConnectionError("packed, although that was not asked for")
    return answer.status, content


@contextmanager
def connected(url: str, deadline: float, private: bool) -> Iterator[socket.socket]:
    """Connect to the address of this URL that was checked."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = resolve(host, port, private)
    except UnicodeError:
        raise Refused("not a host name") from None
    with socket.create_connection((address, port), timeout=left(deadline)) as plain:
        connection = plain
        if parts.scheme == "https":
            connection = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        with connection:
            connection.settimeout(left(deadline))
            yield connection


def request_head(method: str, url: str, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in ({"User-Agent": "Throughline"} | headers).items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


class Timed(io.RawIOBase):
    """What arrives on a connection until the deadline, however slowly: the file that http.client reads from."""

    def __init__(self, connection: socket.socket, deadline: float):
        self.connection, self.deadline = connection, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self.connection.settimeout(left(self.deadline))
        return self.connection.recv_into(buffer)


def read_status(connection: socket.socket, deadline: float) -> int:
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
