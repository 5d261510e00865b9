"""How do the pages reach a browser? Over this machine's loopback, to its own pages only."""

import logging
import os
import socketserver
import traceback
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from gazekit.model.errors import GazekitError, UsageError
from gazekit.report.view.app import Answer, App, problem
from gazekit.report.view.guard import (
    HOST,
    host_refusal,
    is_key,
    key_cookie,
    key_refusal,
    new_token,
    write_refusal,
)

__all__ = ["ViewServer", "open_view"]

_LOG = logging.getLogger(__name__)
_MOST_FORM = 16_384
_MOST_PORT = 65_535
_SECONDS = 30

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # "same-origin", not "no-referrer": a form must bring its Origin, which is checked.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class ViewServer(ThreadingHTTPServer):
    """A server of one dataset on the loopback; a thread for each request, in flight a moment."""

    daemon_threads = True
    # On Windows the option would let another program take the port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, app: App, port: int) -> None:
        self.app = app
        self.key = new_token()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name service who we are, as the library would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Note that a browser went away in the middle; nothing is wrong with that."""
        _LOG.debug("a request was cut: %s", traceback.format_exc(limit=1))

    @property
    def url(self) -> str:
        """The address of the first page, for a browser that has the key."""
        return f"http://{HOST}:{self.server_port}/"

    @property
    def address(self) -> str:
        """The address that brings the key, for whoever started the server."""
        return f"{self.url}?token={self.key}"


def open_view(root: Path, *, port: int, exclusions: Path | None = None) -> ViewServer:
    """Open a dataset and take a port; `serve_forever` then answers.

    Parameters
    ----------
    port
        0 takes one that is free.
    exclusions
        Where marks are written; None: beside the dataset.

    Raises
    ------
    DataError
        There is no dataset.
    UsageError, ProblemsError
        The port is taken or no port, or the exclusions file is damaged or has no folder.
    """
    if not 0 <= port <= _MOST_PORT:
        raise UsageError("no such port", where="--port", expected=f"0 to {_MOST_PORT}", found=port)
    if exclusions is not None and not exclusions.absolute().parent.is_dir():
        where = exclusions.parent.name
        raise UsageError("no such folder", where=where, remedy="make it, or check --exclusions")
    app = App(root, exclusions)
    try:
        return ViewServer(app, port)
    except OSError as error:
        raise UsageError(
            "the port cannot be taken",
            where="--port",
            expected="a free port",
            found=f"{port}: {error.strerror}",
            remedy="choose another, or 0 for any that is free",
        ) from error


class _Handler(BaseHTTPRequestHandler):
    """One request: checked, answered, and forgotten."""

    server: ViewServer
    timeout = _SECONDS

    def do_GET(self) -> None:
        self._send(self._answer(self._get))

    def do_HEAD(self) -> None:
        self._send(self._answer(self._get), body=False)

    def do_POST(self) -> None:
        self._send(self._answer(self._post))

    def version_string(self) -> str:
        return "gazekit"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write nothing: what people look for is their own affair."""

    def _answer(self, make: Callable[[], Answer]) -> Answer:
        refused = host_refusal(self.headers, self.server.server_port)
        if refused is not None:
            return problem(HTTPStatus.FORBIDDEN, refused)
        try:
            return make()
        except GazekitError as error:
            return problem(HTTPStatus.CONFLICT, str(error))
        except OSError as error:
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, error.strerror or "a file failed")
        except Exception as error:  # noqa: BLE001 - one page that fails must not end the others
            # Its words may hold what a dataset says of people: the kind alone is told.
            _LOG.debug("a page failed", exc_info=True)
            kind = type(error).__name__
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"unexpected {kind}")

    def _get(self) -> Answer:
        address = urlsplit(self.path)
        server = self.server
        given = parse_qs(address.query, max_num_fields=20).get("token")
        if given is not None and is_key(given[0], server.key):
            cookie = key_cookie(server.server_port, server.key)
            return Answer(HTTPStatus.SEE_OTHER, b"", location="/", cookie=cookie)
        refused = key_refusal(self.headers, port=server.server_port, key=server.key)
        if refused is not None:
            return problem(HTTPStatus.FORBIDDEN, refused)
        return self.server.app.get(address.path, address.query)

    def _post(self) -> Answer:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and int(length) <= _MOST_FORM):
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the form is too long")
        data = self.rfile.read(int(length)).decode("utf-8", "replace")
        fields = parse_qs(data, keep_blank_values=True, max_num_fields=20)
        form = {name: values[0] for name, values in fields.items()}
        server = self.server
        port = server.server_port
        refused = key_refusal(self.headers, port=port, key=server.key)
        refused = refused or write_refusal(self.headers, form, port=port, token=server.app.token)
        if refused is not None:
            return problem(HTTPStatus.FORBIDDEN, refused)
        return server.app.post(urlsplit(self.path).path, form)

    def _send(self, answer: Answer, *, body: bool = True) -> None:
        self.send_response(answer.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if answer.location is not None:
            self.send_header("Location", answer.location)
        if answer.cookie is not None:
            self.send_header("Set-Cookie", answer.cookie)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if body:
            self.wfile.write(answer.body)
