"""A mail server for tests, in a thread on a free port."""

import asyncio
import email
import email.policy
import socket
from collections import Counter
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller


class Sink:
    """Stores what it receives in `received`, and refuses or hangs up as listed in `replies`."""

    def __init__(self):
        self.received = []
        self.delay = 0.0  # seconds for each message
        self.replies = []  # one per future message: "451 …", "550 …", "drop after", "drop before"; then 250

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.replies and self.replies[0] == "drop before":
            self.replies.pop(0)
            server.transport.abort()
            return "421 gone"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.delay)
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith(("4", "5")):
            return reply
        self.received.append(envelope.content.decode())
        if reply == "drop after":
            server.transport.abort()
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        return [email.message_from_string(text, policy=email.policy.default) for text in self.received]

    def message_ids(self) -> Counter:
        lines = (line for text in self.received for line in text.splitlines() if line.startswith("Message-ID:"))
        return Counter(lines)


@contextmanager
def running_sink(settings):
    """Run a sink and point the email settings of this process to it."""
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    try:
        yield sink
    finally:
        controller.stop()
