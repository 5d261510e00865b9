"""Does the capture program say in one line what is wrong, and what to do?"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = (sys.executable, "-c", "from capture.commands import main; main()")
PROTOCOL = ROOT / "protocols" / "cxr_abcdef.toml"


def capture(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    without = {"DISPLAY", *(name for name, value in environment.items() if not value)}
    inherited = {name: value for name, value in os.environ.items() if name not in without}
    return subprocess.run(
        (*CAPTURE, *arguments),
        cwd=ROOT,
        env=inherited | {name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )


def run(protocol: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    given = ("--reader", "R01", "--out", str(out), "--tracker", "simulated")
    return capture("run", str(protocol), *given, *more)


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_session_from_command_to_folder(tmp_path: Path) -> None:
    done = run(PROTOCOL, tmp_path, "--headless", "--speed", "60", "--limit", "1", "--json")
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


def test_a_protocol_with_an_unknown_key_names_the_near_one(tmp_path: Path) -> None:
    protocol = tmp_path / "wrong.toml"
    protocol.write_text(PROTOCOL.read_text("utf-8").replace("fixation_ms", "fixaton_ms"), "utf-8")
    done = run(protocol, tmp_path / "out", "--headless")
    assert done.returncode == 2
    line = only_line(done)
    assert "wrong.toml: reading.fixaton_ms: unknown key" in line
    assert "Did you mean 'fixation_ms'?" in line
    assert not (tmp_path / "out").exists()


def test_no_display_names_the_ways_out(tmp_path: Path) -> None:
    done = run(PROTOCOL, tmp_path, "--limit", "1")
    assert done.returncode == 5
    line = only_line(done)
    assert "--headless" in line
    assert "xvfb-run" in line
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_refused_and_not_repeated(tmp_path: Path) -> None:
    done = capture("run", str(PROTOCOL), "--reader", "JaneDoe", "--out", str(tmp_path))
    assert done.returncode == 2
    assert "JaneDoe" not in only_line(done)


def test_images_that_do_not_decode_are_all_named_before_the_session(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for name in ("first.png", "second.dcm"):
        (images / name).write_bytes(b"not an image at all" * 20)
    done = run(PROTOCOL, tmp_path / "out", "--headless", "--images", str(images))
    assert done.returncode == 4
    assert "first.png" in done.stderr
    assert "second.dcm" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_real_pictures_are_shown_to_the_simulated_reader(tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    images = tmp_path / "images"
    images.mkdir()
    grey = np.linspace(0, 255, 300 * 200).reshape(300, 200).astype(np.uint8)
    Image.fromarray(grey).save(images / "ramp.png")
    shutil.copy(images / "ramp.png", tmp_path / "kept.png")
    listed = tmp_path / "images.csv"
    listed.write_text("file,patient,study\nkept.png,P7,S1\n", "utf-8")
    given = ("--headless", "--speed", "60", "--images", str(listed))
    done = run(PROTOCOL, tmp_path / "out", *given)
    assert done.returncode == 0, done.stderr
    session = Path(done.stdout.strip())
    (record,) = json.loads((session / "images.json").read_text("utf-8"))
    assert (record["patient_id"], record["study_id"]) == ("P7", "S1")
    assert (session / "annotations.jsonl").read_bytes() == b""


@pytest.mark.parametrize("verb", ["verify", "recover"])
def test_a_folder_that_is_no_session_is_one_line(verb: str, tmp_path: Path) -> None:
    done = capture(verb, str(tmp_path))
    assert done.returncode == 4
    assert "this is not a session folder" in only_line(done)


def test_a_wrong_size_is_refused(tmp_path: Path) -> None:
    done = run(PROTOCOL, tmp_path, "--window", "wide")
    assert done.returncode == 2
    assert "--window: not a size" in only_line(done)
