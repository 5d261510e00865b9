"""What does each address of the browser answer?

::

    GET  /?filter        readings, a page of them        POST /mark   into the exclusions file
    GET  /reading/ID     one reading, with its form      POST /undo   out of it
    GET  /replay/ID      it is played again
    GET  /picture/ID     a small JPEG
    GET  /marks          all that is marked
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import GazekitError
from gazekit.model.layout import DatasetLayout
from gazekit.model.marked import mark_of
from gazekit.report.replay import recording_of_dataset, replay_page
from gazekit.report.view.guard import new_token
from gazekit.report.view.index import Entry, Index
from gazekit.report.view.marks import MarkStore
from gazekit.report.view.pages import (
    Shown,
    listing_page,
    marks_page,
    problem_page,
    reading_page,
)
from gazekit.report.view.pictures import Pictures
from gazekit.report.view.wanted import Wanted

__all__ = ["Answer", "App", "problem"]

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """Status, body and its type; `location`: where a browser goes on; `cookie`: what it keeps."""

    status: HTTPStatus
    body: bytes
    kind: str = _HTML
    location: str | None = None
    cookie: str | None = None


@dataclass(frozen=True)
class _Opened:
    """A dataset as it stood at one moment."""

    stamp: tuple[int, int]
    dataset: Dataset
    index: Index
    pictures: Pictures


class App:
    """A dataset and its exclusions file, and the pages of both; safe to ask from many threads.

    Raises
    ------
    DataError
        There is no dataset at `root`.
    UsageError, ProblemsError
        The exclusions file is damaged.
    """

    def __init__(self, root: Path, exclusions: Path | None = None) -> None:
        self._layout = DatasetLayout(root.absolute())
        self._marks = MarkStore(exclusions or self._layout.marked)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self.token = new_token()
        self._now()
        self._marks.all()

    def entries(self) -> tuple[Entry, ...]:
        """Return the readings, in the order of their ids."""
        return self._now().index.entries

    def get(self, path: str, query: str) -> Answer:
        """Answer a request that changes nothing."""
        now = self._now()
        if path == "/":
            wanted = Wanted.of(parse_qs(query, max_num_fields=20))
            return _page(listing_page(self._shown(now), wanted))
        if path == "/marks":
            return _page(marks_page(self._shown(now)))
        kind, _, rest = path.strip("/").partition("/")
        if kind == "picture":
            return _picture(now, unquote(rest))
        if kind in {"reading", "replay"}:
            return self._of_reading(now, kind, unquote(rest))
        return problem(HTTPStatus.NOT_FOUND, "there is no such page")

    def _of_reading(self, now: _Opened, kind: str, name: str) -> Answer:
        entry = now.index.get(name)
        if entry is None:
            return problem(HTTPStatus.NOT_FOUND, "the dataset holds no such reading")
        if kind == "replay":
            recording = recording_of_dataset(now.dataset, entry.reading_id)
            return _page(replay_page([recording]).html())
        return _page(reading_page(self._shown(now), entry))

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Mark a reading or take a mark back, then send the browser to where it came from."""
        name = form.get("reading", "")
        if path == "/mark":
            if self._now().index.get(name) is None:
                return problem(HTTPStatus.NOT_FOUND, "the dataset holds no such reading")
            self._marks.put(mark_of(name, form.get("reason", ""), form.get("note")))
        elif path == "/undo":
            self._marks.drop(name)
        else:
            return problem(HTTPStatus.NOT_FOUND, "there is no such page")
        return Answer(HTTPStatus.SEE_OTHER, b"", location=_back(form.get("back", ""), name))

    def _now(self) -> _Opened:
        """Return the dataset; anew where a build has replaced it."""
        with self._lock:
            stamp = _stamp(self._layout)
            if self._opened is None or stamp != self._opened.stamp:
                dataset = open_dataset(self._layout.root)
                self._opened = _Opened(stamp, dataset, Index.of(dataset), Pictures(dataset))
            return self._opened

    def _shown(self, now: _Opened) -> Shown:
        trouble = None
        try:
            marks = self._marks.all()
        except GazekitError as error:
            marks, trouble = {}, str(error)
        return Shown(now.dataset, now.index, marks, self._marks.path.name, self.token, trouble)


def problem(status: HTTPStatus, what: str) -> Answer:
    """Return a page that says in one line what is wrong."""
    said = f"{what[:1].upper()}{what[1:]}."
    return Answer(status, problem_page(said, title=status.phrase).encode())


def _stamp(layout: DatasetLayout) -> tuple[int, int]:
    try:
        found = layout.info.stat()
    except OSError:
        return (0, 0)  # opening it says what is wrong
    return found.st_mtime_ns, found.st_ino


def _page(html: str) -> Answer:
    return Answer(HTTPStatus.OK, html.encode())


def _picture(now: _Opened, image_id: str) -> Answer:
    data = now.pictures.small(image_id)
    if data is None:
        return Answer(HTTPStatus.OK, _NO_PICTURE, "image/svg+xml")
    return Answer(HTTPStatus.OK, data, "image/jpeg")


_NO_PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160"><text x="80" y="84" fill="#ddd"'
    b' font-family="sans-serif" font-size="14" text-anchor="middle">no picture</text></svg>'
)


def _back(asked: str, name: str) -> str:
    """Return where to go on: a page of ours, whatever a form says."""
    key = quote(name, safe="")
    if asked == "marks":
        return "/marks"
    if asked == f"reading/{name}":
        return f"/reading/{key}"
    query = Wanted.of(parse_qs(asked, max_num_fields=20)).query()
    return f"/?{query}#reading-{key}" if query else f"/#reading-{key}"
