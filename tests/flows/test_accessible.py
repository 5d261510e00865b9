"""Can every kind of page be used without colours, a pointer, or sight?"""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gazekit.model.dataset import open_dataset
from gazekit.model.layout import DatasetLayout
from gazekit.report import (
    Page,
    section,
    write_dataset_report,
    write_session_report,
    write_sessions_report,
)
from gazekit.report.evidence import EvidenceSentence, EvidenceStop, evidence
from gazekit.report.replay import open_recording, write_replay
from gazekit.report.view import ViewServer, open_view
from tests.accessible import barriers
from tests.browser import page_at, page_of


@pytest.fixture
def pages(four_sessions: Path, built_four: DatasetLayout, tmp_path: Path) -> dict[str, Path]:
    """Write a page of each kind that opens from disk."""
    session = next((four_sessions / "sessions").glob("ses-*"))
    return {
        "session": write_session_report(session, tmp_path / "session.html"),
        "sessions": write_sessions_report([session], tmp_path / "pages").page,
        "dataset": write_dataset_report(built_four.root, tmp_path / "dataset.html"),
        "replay": write_replay([open_recording(built_four.root, "0")], tmp_path / "replay.html"),
        "evidence": _evidence().write(tmp_path / "evidence.html"),
    }


def _evidence() -> Page:
    sentence = EvidenceSentence(
        "The heart is large.", (10, 10, 60, 60), np.eye(8, dtype=np.float32), "C", "Cardiac", 0.8
    )
    shown = evidence(
        np.full((100, 80), 90, np.uint8),
        [sentence],
        [EvidenceStop(30.0, 30.0, 1, "C")],
        image_size=(80, 100),
    )
    made = section("Report with evidence", shown)
    return Page("Prediction", "An image", (made,), scripts=("evidence.js",))


@pytest.fixture
def server(built_four: DatasetLayout, tmp_path: Path) -> Iterator[ViewServer]:
    marks = tmp_path / "marks.toml"
    with open_view(built_four.root, port=0, exclusions=marks) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_pages_from_disk_have_no_barrier(pages: dict[str, Path]) -> None:
    first = next(iter(pages.values()))
    found = {}
    with page_of(first) as page:
        for name, path in pages.items():
            page.goto(path.as_uri())
            found[name] = barriers(page)
    assert [(name, what) for name, what in found.items() if what] == []


def test_pages_of_the_browser_have_no_barrier(
    server: ViewServer, built_four: DatasetLayout
) -> None:
    reading = open_dataset(built_four.root).table("readings", columns=["reading_id"])
    found = {}
    with page_at(server.address) as page:
        for path in ("", f"reading/{reading['reading_id'][0]}", "marks"):
            page.goto(f"{server.url}{path}")
            found[path] = barriers(page)
    assert [(path, what) for path, what in found.items() if what] == []
