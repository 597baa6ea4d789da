"""The book as a plain web host serves it: over HTTP, with files compressed."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".csv", ".txt", ".md", ".xml"}
LEVEL = 6  # what hosts use


@cache
def compressed(path: Path, changed: int) -> bytes:
    """The file as it goes over the wire; many pages ask for the same ones."""
    return gzip.compress(path.read_bytes(), LEVEL)


class Host(SimpleHTTPRequestHandler):
    """Serves files compressed and says nothing."""

    def do_GET(self) -> None:
        """Serve a file; a browser's own question for an icon is none of the pages'."""
        path = Path(self.translate_path(self.path))
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        elif path.is_file() and path.suffix in COMPRESSED:
            body = compressed(path, path.stat().st_mtime_ns)
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(str(path)))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on this machine, while it is served."""
    handler = partial(Host, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
