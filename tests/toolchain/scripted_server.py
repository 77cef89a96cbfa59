# SPDX-License-Identifier: Apache-2.0
"""What the fetcher's tests share: a web server on loopback that misbehaves by script, and the modules under test."""

import contextlib
import hashlib
import http.server
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TOOLCHAIN = pathlib.Path(__file__).resolve().parents[2] / "toolchain"
sys.path.insert(0, str(TOOLCHAIN / "lib"))

import fetcher  # noqa: E402
import lock  # noqa: E402

BODY = random.Random(1936).randbytes(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers a path's requests by its script, one behaviour each; the last one repeats."""

    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self):
        self.close_connection = True
        script = self.server.scripts.get(self.path, ["not_found"])
        number = sum(path == self.path for path, _ in self.server.requests)
        self.server.requests.append((self.path, self.headers.get("Range")))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, script[min(number, len(script) - 1)])()

    def head(self, status, **headers):
        self.send_response(status)
        for key, value in {"Connection": "close", **headers}.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()

    def start(self):
        """Sends the right head for the request's Range; returns what is to follow."""
        wanted = self.headers.get("Range")
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if first >= len(BODY):
            self.head(416, Content_Length=0, Content_Range=f"bytes */{len(BODY)}")
            return b""
        rest = BODY[first:]
        if wanted:
            self.head(206, Content_Length=len(rest), Content_Range=f"bytes {first}-{len(BODY) - 1}/{len(BODY)}")
        else:
            self.head(200, Content_Length=len(rest))
        return rest

    def good(self):
        self.wfile.write(self.start())

    def no_range(self):
        self.head(200, Content_Length=len(BODY))
        self.wfile.write(BODY)

    def no_length(self):
        self.head(200)
        self.wfile.write(BODY)

    def other_range(self):
        self.head(206, Content_Length=10, Content_Range=f"bytes 0-9/{len(BODY)}")
        self.wfile.write(BODY[:10])

    def truncated(self):
        rest = self.start()
        self.wfile.write(rest[:len(rest) // 2])

    def wrong(self):
        self.head(200, Content_Length=len(BODY))
        self.wfile.write(bytes(len(BODY)))

    def portal(self):
        self.head(200, Content_Length=5)
        self.wfile.write(b"login")

    def endless(self):
        self.head(200)
        while True:
            self.wfile.write(bytes(65536))

    def not_found(self):
        self.head(404, Content_Length=0)

    def busy(self):
        self.head(503, Content_Length=0)

    def hang(self):
        self.server.stop.wait(20)

    def hang_in_the_middle(self):
        rest = self.start()
        self.wfile.write(rest[:100_000])
        self.wfile.flush()
        self.server.stop.wait(20)

    def drip(self):
        self.start()
        while not self.server.stop.wait(0.05):
            self.wfile.write(b"x")

    def slow(self):
        rest = self.start()
        for at in range(0, len(rest), 30_000):
            self.wfile.write(rest[at:at + 30_000])
            time.sleep(0.1)

    def moved(self):
        self.head(302, Content_Length=0, Location="/good")

    def log_message(self, *_):
        pass


class ScriptedServer(http.server.ThreadingHTTPServer):
    """`scripts`: behaviours by path. `requests`: (path, Range) of each request so far."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts, self.requests, self.stop = {"/good": ["good"]}, [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.stop.set()
        self.shutdown()
        self.server_close()


class FetchTest(unittest.TestCase):
    """A server, an empty folder `dest`, and short ways to say what is fetched."""

    def setUp(self):
        self.server = ScriptedServer()
        self.addCleanup(self.server.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.dest = self.folder / "sources"
        self.notes = []

    def place(self, name, *script, file="thing.tar.gz", sha256=SHA256, size=None):
        """A place at /name whose server behaves by `script`."""
        self.server.scripts[f"/{name}"] = list(script)
        return lock.Place(file=file, sha256=sha256, url=f"{self.server.url}/{name}", size=size)

    def source(self, *places):
        return lock.Source("thing", "1.0", "MIT", "a test", tuple(places))

    def fetch(self, *places, **settings):
        settings = {"timeout": 5.0, "attempts": 3, "backoff": 0.01, "note": self.notes.append, **settings}
        return fetcher.fetch(self.source(*places), self.dest, fetcher.Options(**settings))

    def part(self, data):
        self.dest.mkdir(exist_ok=True)
        (self.dest / "thing.tar.gz.part").write_bytes(data)

    def in_dest(self):
        return sorted(path.name for path in self.dest.iterdir()) if self.dest.exists() else []

    def ranges(self, path):
        return [wanted for where, wanted in self.server.requests if where == f"/{path}"]

    def lock_file(self, size=None):
        """A lock with one source, served by the mirror of each archive at /pool/thing."""
        path = self.folder / "sources.lock"
        path.write_text('schema = 1\n[[source]]\nname = "thing"\nversion = "1.0"\nlicence = "MIT"\npurpose = "a test"\n'
                        + "".join(f'[[source.place]]\narchive = "{archive}"\npath = "pool/thing"\n'
                                  f'file = "thing.tar.gz"\nsha256 = "{SHA256}"\n'
                                  + (f"size = {size}\n" if size else "") for archive in lock.ARCHIVES))
        return path

    def command(self, *arguments):
        return ["/usr/bin/python3", "-B", str(TOOLCHAIN / "fetch"), "--lock", str(self.folder / "sources.lock"),
                "--dest", str(self.dest), *arguments]

    def environment(self, **more):
        unused = socket.create_server(("127.0.0.1", 0))  # A port that refuses, once it is closed.
        refused = f"http://127.0.0.1:{unused.getsockname()[1]}"
        unused.close()
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "IRIS_DEBIAN_MIRROR": self.server.url,
                "IRIS_DEBIAN_SECURITY_MIRROR": refused, **more}

    def run_fetch(self, *arguments, prefix=(), env=None, **settings):
        return subprocess.run([*prefix, *self.command(*arguments)], env=self.environment(**(env or {})), text=True,
                              timeout=60, **{"capture_output": True, **settings})
