"""A web server for tests, in a thread on a free port."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.answer(self.server.statuses.pop(0) if self.server.statuses else 204, b"")

    def do_GET(self):
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, b""))
        self.answer(self.server.statuses.pop(0) if self.server.statuses else 200, self.server.file)

    def answer(self, status: int, content: bytes):
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@contextmanager
def running_receiver(settings):
    """Run a web server to which requests may be sent.

    `received` are its requests, `statuses` its next answers (else 204, or 200 with `file`), `headers` those of each.
    """
    settings.WEBHOOKS_TO_PRIVATE = settings.CONNECTIONS_TO_PRIVATE = True
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.statuses, server.file, server.headers = [], [], b"", {}
    server.url = f"http://127.0.0.1:{server.server_port}/in?key=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
