"""Does the capture program say in one line what is wrong, and what to do?"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from capture.commands import main

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "protocols" / "cxr_abcdef.toml"


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


Capture = Callable[..., Done]


@pytest.fixture
def capture(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Capture:
    """Return a function that runs the program in this process, where there is no display."""
    monkeypatch.delenv("DISPLAY", raising=False)

    def run(*arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(args=[str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return run


def given(protocol: Path, out: Path) -> tuple[str | Path, ...]:
    return ("run", protocol, "--reader", "R01", "--out", out, "--tracker", "simulated")


def only_line(done: Done) -> str:
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_session_from_command_to_folder(capture: Capture, tmp_path: Path) -> None:
    done = capture(
        *given(PROTOCOL, tmp_path), "--headless", "--speed", "60", "--limit", "1", "--json"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["readings"] == 1
    assert result["samples"] > 0
    assert "reading 1 of 1" in done.stderr
    session = Path(result["session"])
    assert (session / "protocol.toml").read_bytes() == PROTOCOL.read_bytes()
    verified = capture("verify", str(session), "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["sound"]

    (session / "events.jsonl").write_text("", "utf-8")
    changed = capture("verify", str(session))
    assert changed.returncode == 4
    assert "events.jsonl: changed" in changed.stderr


def test_a_protocol_with_an_unknown_key_names_the_near_one(
    capture: Capture, tmp_path: Path
) -> None:
    protocol = tmp_path / "wrong.toml"
    protocol.write_text(PROTOCOL.read_text("utf-8").replace("fixation_ms", "fixaton_ms"), "utf-8")
    done = capture(*given(protocol, tmp_path / "out"), "--headless")
    assert done.returncode == 2
    line = only_line(done)
    assert "wrong.toml line " in line
    assert ": reading.fixaton_ms: unknown key" in line
    assert "Did you mean 'fixation_ms'?" in line
    assert not (tmp_path / "out").exists()


def test_no_display_names_the_ways_out(capture: Capture, tmp_path: Path) -> None:
    done = capture(*given(PROTOCOL, tmp_path), "--limit", "1")
    assert done.returncode == 5
    line = only_line(done)
    assert "--headless" in line
    assert "xvfb-run" in line
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_refused_and_not_repeated(capture: Capture, tmp_path: Path) -> None:
    done = capture("run", str(PROTOCOL), "--reader", "JaneDoe", "--out", str(tmp_path))
    assert done.returncode == 2
    assert "JaneDoe" not in only_line(done)


def test_an_unknown_tracker_is_named_before_what_it_would_need(
    capture: Capture, tmp_path: Path
) -> None:
    begin = ("run", PROTOCOL, "--reader", "R01", "--out", tmp_path / "out")
    done = capture(*begin, "--tracker", "foo", "--headless")
    assert done.returncode == 2
    assert "no such tracker" in only_line(done)


def test_a_report_does_not_go_among_the_sessions(
    capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, here = tmp_path / "sessions", tmp_path / "here"
    here.mkdir()
    run = (*given(PROTOCOL, sessions), "--headless", "--speed", "60", "--limit", "1")
    session = Path(capture(*run).stdout.strip())
    monkeypatch.chdir(here)
    assert capture("report", session).returncode == 0
    assert [page.name for page in here.iterdir()] == [f"{session.name}.html"]
    assert list(sessions.iterdir()) == [session]


def test_images_that_do_not_decode_are_all_named_before_the_session(
    capture: Capture, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for name in ("first.png", "second.dcm"):
        (images / name).write_bytes(b"not an image at all" * 20)
    done = capture(*given(PROTOCOL, tmp_path / "out"), "--headless", "--images", str(images))
    assert done.returncode == 4
    assert "first.png" in done.stderr
    assert "second.dcm" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_real_pictures_are_shown_to_the_simulated_reader(capture: Capture, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    grey = np.linspace(0, 255, 300 * 200).reshape(300, 200).astype(np.uint8)
    Image.fromarray(grey).save(images / "ramp.png")
    shutil.copy(images / "ramp.png", tmp_path / "kept.png")
    listed = tmp_path / "images.csv"
    listed.write_text("file,patient,study\nkept.png,P7,S1\n", "utf-8")
    more = ("--headless", "--speed", "60", "--images", listed)
    done = capture(*given(PROTOCOL, tmp_path / "out"), *more)
    assert done.returncode == 0, done.stderr
    session = Path(done.stdout.strip())
    (record,) = json.loads((session / "images.json").read_text("utf-8"))
    assert (record["patient_id"], record["study_id"]) == ("P7", "S1")
    assert (session / "annotations.jsonl").read_bytes() == b""


@pytest.mark.parametrize("verb", ["verify", "recover"])
def test_a_folder_that_is_no_session_is_one_line(
    capture: Capture, verb: str, tmp_path: Path
) -> None:
    done = capture(verb, str(tmp_path))
    assert done.returncode == 4
    assert "this is not a session folder" in only_line(done)


def test_a_wrong_size_is_refused(capture: Capture, tmp_path: Path) -> None:
    done = capture(*given(PROTOCOL, tmp_path), "--window", "wide")
    assert done.returncode == 2
    assert "--window: not a size" in only_line(done)


def test_several_sessions_are_verified_in_one_call(capture: Capture, tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    done = capture("verify", *folders, "--json")
    assert done.returncode == 4
    assert [json.loads(line)["session"] for line in done.stdout.splitlines()] == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"file,patient\nkept.png,Jane Doe\n", "list.csv line 2: patient or study"),
        ("file,patient\nR\xf6ntgen.png,P1\n".encode("latin-1"), "not UTF-8 text"),
    ],
    ids=["name", "encoding"],
)
def test_a_list_with_names_or_in_another_encoding_is_refused(
    capture: Capture, tmp_path: Path, text: bytes, expected: str
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_bytes(text)
    done = capture(*given(PROTOCOL, tmp_path / "out"), "--headless", "--images", listed)
    assert done.returncode == 4
    assert expected in only_line(done)
    assert "Jane" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_session_of_calibration_alone_needs_no_images(capture: Capture, tmp_path: Path) -> None:
    protocol = PROTOCOL.parent / "calibration_only.toml"
    done = capture(*given(protocol, tmp_path), "--headless", "--speed", "60", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["readings"] == 0
    assert "validation 1" in done.stderr
    assert capture("verify", result["session"]).returncode == 0
