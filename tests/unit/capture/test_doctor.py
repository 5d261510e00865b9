"""Does the examination of a station find what would spoil a session, and say what to do?"""

import collections
import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from capture.commands import main
from capture.doctor import devices, machine, screen, software
from capture.doctor.finding import Finding
from capture.doctor.study import Study, check_study
from gazekit.model.errors import UnfitError
from gazekit.model.protocol import ScreenPlan
from gazekit.model.records import TrackerRecord

HEAD = 'title = "Test"\nversion = "1"\n[images]\n'
PLAN = ScreenPlan()


def colours(findings: Iterator[Finding]) -> dict[str, str]:
    found = list(findings)
    assert all(one.remedy for one in found if one.colour == "red")
    return {one.check: one.colour for one in found}


def answer(**changes: object) -> dict[str, Any]:
    whole = {
        "name": "DP-1",
        "width_px": 1920,
        "height_px": 1080,
        "width_mm": 531.0,
        "height_mm": 299.0,
        "refresh_hz": 60.0,
    }
    return {"screens": [whole | changes], "gl": "OpenGL 4.6, a graphics card"}


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets what the display says of itself."""
    monkeypatch.setenv("DISPLAY", ":0")

    def say(said: dict[str, Any], *, returncode: int = 0, stderr: str = "") -> None:
        done = SimpleNamespace(returncode=returncode, stdout=json.dumps(said), stderr=stderr)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)

    return say


def test_a_screen_as_in_the_protocol_is_green(display: Any) -> None:
    display(answer())
    assert set(colours(screen.check_screen(PLAN)).values()) == {"green"}


@pytest.mark.parametrize(
    ("changes", "check", "colour"),
    [
        ({"width_px": 2560}, "screen size", "red"),
        ({"width_mm": 600.0}, "screen in mm", "yellow"),
        ({"width_mm": 0.0}, "screen in mm", "yellow"),
        ({"refresh_hz": 30.0}, "refresh", "yellow"),
    ],
    ids=["pixels", "millimetres", "unknown millimetres", "refresh"],
)
def test_another_screen_is_told(
    display: Any, changes: dict[str, float], check: str, colour: str
) -> None:
    display(answer(**changes))
    assert colours(screen.check_screen(PLAN))[check] == colour


def test_graphics_by_the_processor_or_none_at_all(display: Any) -> None:
    display(answer() | {"gl": "OpenGL 4.5, llvmpipe"})
    assert colours(screen.check_screen(PLAN))["graphics"] == "yellow"
    display(answer() | {"gl": None})
    assert colours(screen.check_screen(PLAN))["graphics"] == "red"


def test_a_display_that_does_not_answer_is_red(
    display: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    display({}, returncode=-6, stderr="could not connect to display")
    assert colours(screen.check_screen(PLAN)) == {"display": "red"}
    display({}, returncode=1, stderr="ModuleNotFoundError: No module named 'PyQt6'")
    assert colours(screen.check_screen(PLAN)) == {"display": "yellow"}
    if sys.platform.startswith("linux"):
        monkeypatch.delenv("DISPLAY")
        assert colours(screen.check_screen(PLAN)) == {"display": "red"}


def test_packages_that_are_missing_are_red(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    found = colours(software.check_software("auto"))
    assert {found[name] for name in ("psychopy", "PyQt6", "tracker packages")} == {"red"}
    assert colours(software.check_software("mouse"))["tracker packages"] == "yellow"


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive - Clinic", "iCloud Drive"])
def test_a_folder_that_is_synchronised_is_red(tmp_path: Path, name: str) -> None:
    out = tmp_path / name / "sessions"
    assert colours(machine.check_output_folder(out, None))["output folder"] == "red"
    assert colours(machine.check_output_folder(tmp_path, None))["output folder"] == "green"


def test_a_disk_must_hold_five_times_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = collections.namedtuple("usage", "total used free")  # noqa: PYI024 - as the library's
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 0, 499))
    assert colours(machine.check_output_folder(tmp_path, 100))["disk"] == "red"
    assert colours(machine.check_output_folder(tmp_path, 99))["disk"] == "green"


def test_the_clock_of_this_machine_is_fit() -> None:
    assert colours(machine.check_clock()) == {"clock": "green"}


def test_power_is_told_where_the_system_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "_SUPPLY", tmp_path)
    (tmp_path / "AC").mkdir()
    (tmp_path / "AC" / "online").write_text("0\n")
    assert colours(machine.check_power()) == {"power": "red"}
    (tmp_path / "AC" / "online").write_text("1\n")
    assert colours(machine.check_power()) == {"power": "green"}
    monkeypatch.setattr(machine, "_SUPPLY", tmp_path / "none")
    assert colours(machine.check_power()) == {"power": "yellow"}


def test_a_tracker_is_described_without_its_serial_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = TrackerRecord(
        kind="titta", rate_hz=600.0, simulated=False, model="Spectrum", serial="TPSP1-0123"
    )
    tracker = SimpleNamespace(info=info, display_mm=(600.0, 299.0))
    monkeypatch.setattr(devices, "find_tracker", lambda _: tracker)
    found = list(devices.check_tracker_device("auto", PLAN))
    assert [(one.check, one.colour) for one in found] == [
        ("tracker", "green"),
        ("display area", "red"),
    ]
    assert "Spectrum" in found[0].found
    assert "TPSP1-0123" not in found[0].found


def test_a_tracker_that_is_not_there_is_red_and_a_simulated_one_yellow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(_: str) -> None:
        raise UnfitError("no eye tracker answers", remedy="connect it")

    monkeypatch.setattr(devices, "find_tracker", none)
    assert colours(devices.check_tracker_device("auto", None)) == {"tracker": "red"}
    assert colours(devices.check_tracker_device("simulated", None)) == {"tracker": "yellow"}
    monkeypatch.setattr(devices, "find_tracker", lambda _: 1 / 0)
    assert colours(devices.check_tracker_device("auto", None)) == {"tracker": "red"}


@pytest.mark.parametrize(
    ("amplitude", "colour"), [(0.0, "yellow"), (0.1, "green"), (1.0, "yellow")]
)
def test_a_microphone_is_listened_to(
    amplitude: float, colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = SimpleNamespace(
        PortAudioError=RuntimeError,
        query_devices=lambda **_: {"name": "Headset", "default_samplerate": 48000.0},
        rec=lambda frames, **_: np.full((frames, 1), amplitude),
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    assert colours(devices.check_microphone(needed=True, listen=True)) == {"microphone": colour}


def test_no_microphone_is_red_only_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(kind: str) -> None:
        raise ValueError(kind)

    fake = SimpleNamespace(PortAudioError=RuntimeError, query_devices=none)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    assert colours(devices.check_microphone(needed=True, listen=True)) == {"microphone": "red"}
    assert colours(devices.check_microphone(needed=False, listen=True)) == {"microphone": "yellow"}


def test_images_that_do_not_decode_are_found_before_the_reader(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "bad.png").write_bytes(b"no image" * 9)
    (tmp_path / "p.toml").write_text(HEAD + 'folder = "images"\n', "utf-8")
    found = list(check_study(tmp_path / "p.toml", Study()))
    assert [one.colour for one in found] == ["green", "red"]
    assert "bad.png" in found[1].found


def test_a_station_without_anything_is_unfit_in_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    (tmp_path / "p.toml").write_text(HEAD + "synthetic = 1\n", "utf-8")
    words = ["doctor", str(tmp_path / "p.toml"), "--tracker", "simulated", "--json"]
    with pytest.raises(SystemExit) as ended:
        main(args=[*words, "--out", str(tmp_path), "--no-listen"])
    assert ended.value.code == 5
    result = json.loads(capsys.readouterr().out)
    assert not result["fit"]
    assert {"protocol", "sound", "microphone", "clock"} <= {f["check"] for f in result["findings"]}
