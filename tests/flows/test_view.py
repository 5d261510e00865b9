"""Does a dataset show in a browser, to this machine alone, and does what is marked stay marked?"""

import http.client
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gazekit.model.layout import DatasetLayout
from gazekit.model.marked import read_marks
from gazekit.report.view import ViewServer, open_view

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def layout(
    built_four: DatasetLayout, copied: Callable[[DatasetLayout, Path], Path], tmp_path: Path
) -> DatasetLayout:
    return DatasetLayout(copied(built_four, tmp_path / "dataset"))


@pytest.fixture
def server(layout: DatasetLayout) -> Iterator[ViewServer]:
    with open_view(layout.root, port=0) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def _ask(server: ViewServer, method: str, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    form = headers.pop("form", None)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"Cookie": f"gazekit-view-{server.server_port}={server.key}"} | named
    connection.request(method, path, body=form, headers=named)
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, body


def _form(server: ViewServer, **changed: str) -> dict[str, str]:
    """Return what a browser sends for one of our forms, with something changed."""
    fields = {"token": server.app.token, "reading": "sim00001-000", "reason": "calibration"}
    fields |= {k: v for k, v in changed.items() if k in fields}
    headers = {
        "Origin": server.url.rstrip("/"),
        "Content_Type": "application/x-www-form-urlencoded",
        "form": urlencode(fields),
    }
    return headers | {k: v for k, v in changed.items() if k in headers}


def test_only_this_machine_s_own_pages_are_answered(
    server: ViewServer, layout: DatasetLayout
) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert _ask(server, "GET", "/")[0] == 200
    refused = _ask(server, "GET", "/", Host=f"evil.example:{server.server_port}")
    assert refused[0] == 403
    assert "sim00001" not in refused[1]
    for changed in ({"Origin": "http://evil.example"}, {"token": "guess"}):
        assert _ask(server, "POST", "/mark", **_form(server, **changed))[0] == 403
    assert _ask(server, "POST", "/mark", form="x" * 20_000)[0] == 413
    assert _ask(server, "PUT", "/mark")[0] == 501
    assert not layout.marked.exists()
    assert _ask(server, "POST", "/mark", **_form(server))[0] == 303
    assert [mark.id for mark in read_marks(layout.marked)] == ["sim00001-000"]
    assert _ask(server, "POST", "/mark", **_form(server, reason="bored"))[0] == 409


def test_nothing_is_shown_or_marked_without_the_key_of_this_run(
    server: ViewServer, layout: DatasetLayout
) -> None:
    name = f"gazekit-view-{server.server_port}"
    for cookie in ("", f"{name}=guess", f"{name}=", "other=1; ;=", f"x={server.key}"):
        for path in ("/", "/?token=guess", "/?token=", "/picture/x", "/marks"):
            status, body = _ask(server, "GET", path, Cookie=cookie)
            assert status == 403
            assert "open the address that gazekit view printed" in body.lower()
            assert "sim00001" not in body
        form = _form(server) | {"Cookie": cookie}
        assert _ask(server, "POST", "/mark", **form)[0] == 403
    assert not layout.marked.exists()
    page = _ask(server, "GET", "/")[1]
    assert server.key not in page
    assert _ask(server, "GET", f"/?token={server.key}", Cookie="")[0] == 303


def test_many_at_once_lose_no_mark(server: ViewServer, layout: DatasetLayout) -> None:
    names = sorted(entry.reading_id for entry in server.app.entries())
    threads = [
        threading.Thread(
            target=_ask, args=(server, "POST", "/mark"), kwargs=_form(server, reading=n)
        )
        for n in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mark.id for mark in read_marks(layout.marked)) == names


def test_a_person_filters_replays_marks_and_undoes_and_the_build_obeys(
    server: ViewServer, layout: DatasetLayout, four_sessions: Path, gazekit: Callable[..., Any]
) -> None:
    from tests.browser import page_at

    with page_at(server.address) as page:
        assert page.url == server.url
        names = page.locator(".view-grid h3").all_inner_texts()
        assert len(names) == 4
        picture = page.locator(".view-picture img").first
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("async i => (await i.decode(), i.naturalWidth)") > 0
        card = page.locator(f"#reading-{names[1]}")
        card.locator("summary").focus()
        page.keyboard.press("Enter")
        card.get_by_label("Why").select_option("other")
        card.get_by_label("Note").fill("<b>the screen</b> went dark")
        card.get_by_role("button").click()
        said = page.locator(f"#reading-{names[1]} .view-said")
        assert said.inner_text() == "Marked to be left out: other: <b>the screen</b> went dark"
        page.get_by_label("Marks", exact=True).select_option("yes")
        page.get_by_role("button", name="Show", exact=True).click()
        assert page.locator(".view-grid h3").all_inner_texts() == [names[1]]
        page.get_by_role("link", name=names[1], exact=True).click()
        assert page.locator("h1").inner_text() == names[1]
        page.get_by_role("link", name="Replay this reading").click()
        assert page.locator("h1").inner_text() == names[1]
        assert page.locator("[data-replay]").count() == 1
    done = gazekit("build", four_sessions, "--out", layout.root, "--workers", 1)
    assert f"left out: reading {names[1]}: reading_marked" in done.err
    with page_at(server.address, size=(390, 844), scheme="dark") as page:
        page.get_by_role("link", name="Marked readings").click()
        assert "Not in this dataset" in page.locator(".view-grid").inner_text()
        page.get_by_role("button", name="Undo").click()
        assert page.get_by_text("No reading is marked.").is_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
    assert gazekit("build", four_sessions, "--out", layout.root, "--workers", 1).code == 0


def test_what_cannot_be_shown_is_one_line(
    server: ViewServer, layout: DatasetLayout, gazekit: Callable[..., Any], tmp_path: Path
) -> None:
    taken = gazekit("view", layout.root, "--no-open", "--port", server.server_port)
    assert (taken.code, taken.err.count("\n")) == (2, 1)
    assert "--port: the port cannot be taken" in taken.err
    nothing = gazekit("view", tmp_path, "--no-open")
    assert (nothing.code, nothing.err.count("\n")) == (4, 1)
    layout.marked.write_text("[[reading]", "utf-8")
    damaged = gazekit("view", layout.root, "--no-open", "--port", 0)
    assert (damaged.code, damaged.err.count("\n")) == (2, 1)
    assert "dataset.exclusions.toml" in damaged.err
    elsewhere = tmp_path / "none" / "marks.toml"
    assert gazekit("view", layout.root, "--no-open", "--exclusions", elsewhere).code == 2
    assert gazekit("view", layout.root, "--no-open", "--port", 70_000).code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_it(layout: DatasetLayout) -> None:
    # What starts the tests may ignore the signal, which a child would inherit.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from gazekit.commands import main; main()"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", program, "view", str(layout.root), "--no-open", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert started.stdout is not None
        address = started.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}", address)
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=60)
    finally:
        started.kill()
        started.wait()
    assert started.returncode == 130
    assert "Traceback" not in said
