"""The web server's settings, the same in `manage.py serve` and in a container."""

import os
import socket
import struct

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# Each request that arrives slowly holds one until it is read, so there are more than two processors need.
threads = 64
READ_WITHIN = int(
    os.environ.get("WEB_READ_TIMEOUT") or 10
)  # seconds that a client may be silent in the middle of a request
# Loaded once, before the workers part: they share its memory, and a setting that is refused ends the start.
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 5
loglevel = "warning"


def post_worker_init(worker) -> None:
    """Give up a connection that stays silent in the middle of a request. Accepted sockets take this from their door."""
    for door in worker.sockets:
        door.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", READ_WITHIN, 0))
