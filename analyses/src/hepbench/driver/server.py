"""HTTP on loopback: the runner posts workloads and follows their events. Every request carries a one-time token."""

import hmac
import json
import queue
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

from hepbench.driver.spool import Spool
from hepbench.driver.targets import Targets

FOLLOW_SECONDS = 10.0
# A workload lists files and the parts of all tasks: some MB where there are 100,000.
LONGEST_BODY_BYTES = 64 << 20


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


class Server:
    """Takes workloads into `workloads` and serves each trial's spool until it has ended and the next one is taken.

    `targets` are served for as long as the session lasts.
    """

    def __init__(self, token: str, host: str = "127.0.0.1") -> None:
        self.workloads: queue.Queue[tuple[dict[str, Any], Spool] | None] = queue.Queue()
        self.targets = Targets()
        self._token = token
        self._spools: dict[str, Spool] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                return  # requests are polls: nobody wants them in the log

            def do_POST(self) -> None:
                if self._refused():
                    return
                length = self.headers.get("Content-Length", "")
                if not (length.isascii() and length.isdigit()):
                    self._refuse(411, "the length of the body is not given")
                elif int(length) > LONGEST_BODY_BYTES:
                    self._refuse(413, f"the body is longer than {LONGEST_BODY_BYTES} bytes")
                else:
                    self._post(self.rfile.read(int(length)))

            def _post(self, body: bytes) -> None:
                outer._take(json.loads(body))
                self._answer(202, b"{}")

            def do_GET(self) -> None:
                if self._refused():
                    return
                url = urlparse(self.path)
                query = parse_qs(url.query)
                after = int(query.get("after", ["0"])[0])
                if url.path == "/targets":
                    self._answer(200, _text(outer.targets.after(after, FOLLOW_SECONDS)))
                    return
                spool = outer._spools.get(query.get("trial", [""])[0])
                if spool is None:
                    self._answer(404, b'{"error":"no such trial"}')
                    return
                lines, last = spool.after(after, FOLLOW_SECONDS)
                self._answer(200, _text(lines), {"X-Last": "1" if last else "0"})

            def _refused(self) -> bool:
                given = self.headers.get("Authorization", "").encode()
                if hmac.compare_digest(given, f"Bearer {outer._token}".encode()):
                    return False
                self._refuse(401, "wrong or missing token")
                return True

            def _refuse(self, status: int, error: str) -> None:
                # What was not read of the body would be taken for the next request.
                self.close_connection = True
                self._answer(status, json.dumps({"error": error}).encode(), {"Connection": "close"})

            def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self._http = ThreadingHTTPServer((host, 0), Handler)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, name="http", daemon=True).start()

    def _take(self, workload: dict[str, Any]) -> None:
        spool = Spool(workload["trial"])
        # Whoever asks for the next trial has all of the one before: a session of many would fill the memory.
        unfinished = {trial: other for trial, other in self._spools.items() if not other.closed}
        self._spools = {**unfinished, spool.trial: spool}
        self.workloads.put((workload, spool))
