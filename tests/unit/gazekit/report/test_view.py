"""Are readings found, pictured and marked; and does a request from elsewhere get nothing?"""

from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from gazekit.model.errors import DataError, UsageError
from gazekit.model.layout import DatasetLayout
from gazekit.model.marked import Mark, read_marks, write_marks
from gazekit.report.view.app import App
from gazekit.report.view.guard import host_refusal, write_refusal
from gazekit.report.view.wanted import READINGS_A_PAGE, Wanted

HOSTILE = "<script>alert(1)</script> The heart is large."
FORM = "application/x-www-form-urlencoded"


def _headers(**given: str) -> "Message[str, str]":
    message = Message()
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("127.0.0.1:8642", True),
        ("localhost:8642", True),
        ("LocalHost:8642", True),
        ("127.0.0.1:8643", False),
        ("127.0.0.1", False),
        ("evil.example:8642", False),
        ("127.0.0.1.evil.example:8642", False),
        ("", False),
    ],
)
def test_only_our_own_names_are_answered(host: str, answered: bool) -> None:  # noqa: FBT001
    assert (host_refusal(_headers(Host=host), 8642) is None) == answered


def test_two_names_at_once_are_refused() -> None:
    headers = _headers(Host="127.0.0.1:8642")
    headers["Host"] = "evil.example"
    assert host_refusal(headers, 8642) is not None
    assert host_refusal(Message(), 8642) is not None


@pytest.mark.parametrize(
    ("change", "token"),
    [
        ({"Origin": "http://evil.example"}, "secret"),
        ({"Origin": "null"}, "secret"),
        ({"Origin": ""}, "secret"),
        ({"Content_Type": "text/plain"}, "secret"),
        ({"Sec_Fetch_Site": "cross-site"}, "secret"),
        ({}, "guess"),
        ({}, ""),
    ],
)
def test_a_change_from_elsewhere_is_refused(change: dict[str, str], token: str) -> None:
    good = {
        "Origin": "http://127.0.0.1:8642",
        "Content_Type": FORM,
        "Sec_Fetch_Site": "same-origin",
    }
    kept = {"port": 8642, "token": "secret"}
    assert write_refusal(_headers(**good), {"token": "secret"}, **kept) is None  # type: ignore[arg-type]
    assert write_refusal(_headers(**{**good, **change}), {"token": token}, **kept)  # type: ignore[arg-type]


def test_a_filter_comes_back_from_the_address_it_makes() -> None:
    wanted = Wanted("Lung Opacity", "R01", "train", "outside", "yes", "a&b=ü", "loss", 3)
    assert Wanted.of(parse_qs(wanted.query())) == wanted
    assert Wanted.of({}).query() == ""
    assert Wanted.of({"page": ["-3"], "order": ["x"]}) == Wanted()


@pytest.fixture
def app(make_dataset: Callable[..., Path]) -> App:
    return App(make_dataset(readings=30))


@pytest.fixture
def few(make_dataset: Callable[..., Path]) -> App:
    return App(make_dataset(readings=4, fixations=3))


def _names(app: App, query: str) -> list[str]:
    page = app.get("/", query).body.decode()
    return [part.split('"')[0] for part in page.split('id="reading-')[1:]]


def test_readings_come_a_page_at_a_time(app: App) -> None:
    first, second = _names(app, ""), _names(app, "page=2")
    assert (len(first), len(second)) == (READINGS_A_PAGE, 30 - READINGS_A_PAGE)
    assert [*first, *second] == [f"ses-a-{i:03d}" for i in range(30)]
    assert _names(app, "page=99") == second


ASKED = {
    "finding=Lung+Opacity": ("ses-a-000", 24),
    "finding=-": (None, 0),
    "finding=Fracture": (None, 0),
    "reader=R02": ("ses-a-001", 15),
    "split=test": ("ses-a-003", 7),
    "quality=outside": ("ses-a-001", 1),
    "quality=within": ("ses-a-000", 24),
    "text=A-017": ("ses-a-017", 1),
    "text=OPACITY+in+the": ("ses-a-000", 24),
    "order=loss": ("ses-a-001", 24),
    "marked=yes": (None, 0),
    "reader=R02&split=test": ("ses-a-003", 7),
}
"""Query to the first reading that is shown and to how many are on the page."""


def test_readings_are_found(app: App) -> None:
    names = {query: _names(app, query) for query in ASKED}
    found = {query: (some[0] if some else None, len(some)) for query, some in names.items()}
    assert found == ASKED


def test_a_picture_is_small_and_one_that_is_not_there_says_so(few: App) -> None:
    found = few.get("/picture/img-0000000000000001", "")
    assert (found.kind, found.body[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert len(found.body) < 20_000
    assert few.get("/picture/img-0000000000000002", "").body != found.body
    assert b"no picture" in few.get("/picture/other", "").body


def test_hostile_text_is_shown_as_text(make_dataset: Callable[..., Path]) -> None:
    few = App(make_dataset(text=HOSTILE))
    few.post("/mark", {"reading": "ses-a-000", "reason": "other", "note": HOSTILE})
    for path in ("/", "/marks", "/reading/ses-a-000", "/replay/ses-a-000"):
        page = few.get(path, "text=%3Cscript%3Ealert(1)").body.decode()
        assert "<script>alert" not in page


def test_a_mark_is_written_changed_and_taken_back(few: App) -> None:
    path = few._marks.path  # noqa: SLF001 - where it is told to write
    assert not path.exists()
    few.post("/mark", {"reading": "ses-a-002", "reason": "calibration", "note": " drift "})
    few.post("/mark", {"reading": "ses-a-001", "reason": "duplicate", "note": ""})
    few.post("/mark", {"reading": "ses-a-002", "reason": "dictation", "note": "cut"})
    assert read_marks(path) == (
        Mark(id="ses-a-002", reason="dictation", note="cut"),
        Mark(id="ses-a-001", reason="duplicate"),
    )
    assert _names(few, "marked=yes") == ["ses-a-001", "ses-a-002"]
    few.post("/undo", {"reading": "ses-a-002"})
    assert [mark.id for mark in read_marks(path)] == ["ses-a-001"]
    with pytest.raises(UsageError, match="not marked"):
        few.post("/undo", {"reading": "ses-a-002"})


def test_what_somebody_writes_by_hand_stays(few: App) -> None:
    path = few._marks.path  # noqa: SLF001 - where it is told to write
    write_marks(path, [Mark(id="elsewhere", reason="other", note="by hand")])
    few.post("/mark", {"reading": "ses-a-002", "reason": "calibration"})
    assert [mark.id for mark in read_marks(path)] == ["elsewhere", "ses-a-002"]
    assert "left out already, or of another one" in few.get("/marks", "").body.decode()


def test_a_file_damaged_meanwhile_is_said_and_left_alone(few: App) -> None:
    path = few._marks.path  # noqa: SLF001 - where it is told to write
    path.write_text("[[reading]", "utf-8")
    assert "Marks cannot be read or changed" in few.get("/", "").body.decode()
    with pytest.raises(UsageError, match="not valid TOML"):
        few.post("/mark", {"reading": "ses-a-002", "reason": "calibration"})
    assert path.read_text("utf-8") == "[[reading]"


@pytest.mark.parametrize(
    ("back", "location"),
    [
        ("", "/#reading-ses-a-002"),
        ("finding=Lung+Opacity&page=2", "/?finding=Lung+Opacity&page=2#reading-ses-a-002"),
        ("marks", "/marks"),
        ("reading/ses-a-002", "/reading/ses-a-002"),
        ("//evil.example", "/#reading-ses-a-002"),
        ("http://evil.example/\r\nX: y", "/#reading-ses-a-002"),
    ],
)
def test_a_form_goes_back_to_our_own_pages_only(few: App, back: str, location: str) -> None:
    form = {"reading": "ses-a-002", "reason": "calibration", "back": back}
    assert few.post("/mark", form).location == location


def test_what_is_not_there_is_said(few: App) -> None:
    for path in ("/nothing", "/reading/nobody", "/replay/nobody", "/reading/../../etc/passwd"):
        assert few.get(path, "").status == 404
    assert few.post("/mark", {"reading": "nobody", "reason": "other", "note": "x"}).status == 404
    assert few.post("/erase", {"reading": "ses-a-001"}).status == 404


def test_a_dataset_that_is_built_anew_is_read_anew(make_dataset: Callable[..., Path]) -> None:
    root = make_dataset(readings=4)
    few = App(root)
    assert len(_names(few, "")) == 4
    layout = DatasetLayout(root)
    keep = layout.info.read_bytes()
    layout.info.unlink()
    with pytest.raises(DataError, match="not a built dataset"):
        few.get("/", "")
    layout.info.write_bytes(keep)
    assert len(_names(few, "")) == 4
