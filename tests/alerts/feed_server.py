"""A stranger's web server: the files of a folder, by HTTP or HTTPS, and what was asked for."""

import os
import ssl
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

from station.stores.certificate import AUTHORITY, CERTIFICATE, KEY, make_certificate


class FeedServer:
    """Serves `folder` at `address` while entered; `asked` has path and status of each request.

    With `tls` a folder it has its certificate there, and whom to trust is `authority`.
    """

    def __init__(self, folder: Path, tls: Path | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.asked = folder, list[tuple[str, int]]()
        self._written = 1_790_000_000
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self.asked, directory=str(folder)))
        if tls:
            tls.mkdir()
            make_certificate(tls, "Nguồn tin thử", ("127.0.0.1",))
            self.authority = tls / AUTHORITY
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(tls / CERTIFICATE, tls / KEY)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, name: str, content: str) -> str:
        """Serve that under the name, as if it was written a second after the last one; gives its address."""
        file = self.folder / name
        file.write_text(content)
        self._written += 1
        os.utime(file, (self._written, self._written))
        return self.address + name


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, asked: list[tuple[str, int]], *arguments: object, **named: str) -> None:
        self._asked = asked
        super().__init__(*arguments, **named)

    def log_request(self, code: int = 0, _size: object = "") -> None:
        self._asked.append((self.path, int(code)))

    def log_message(self, *_: object) -> None:
        pass
