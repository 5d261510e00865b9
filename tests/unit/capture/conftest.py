"""Recorded sessions for the tests of the app: without a window, on a fast clock."""

from collections.abc import Callable
from pathlib import Path

import pytest

from capture.request import SessionRequest, SessionResult
from capture.session import run_session

PROTOCOL = """
title = "Test"
version = "1"
seed = 7
consent = "consent-1"
ethics = "ethics-1"
[images]
synthetic = 2
synthetic_px = [256, 320]
[reading]
fixation_ms = 300
max_s = {max_s}
"""

Record = Callable[..., SessionResult]


@pytest.fixture(scope="session")
def protocol_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """Return a function that writes a protocol whose readings last so long at most."""

    def write(max_s: float = 300.0) -> Path:
        path = tmp_path_factory.mktemp("protocol") / "small.toml"
        path.write_text(PROTOCOL.format(max_s=max_s), "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def record(
    tmp_path_factory: pytest.TempPathFactory, protocol_file: Callable[[float], Path]
) -> Record:
    """Return a function that records a simulated session without a window."""

    def run(
        *, max_s: float = 300.0, speed: float = 40.0, limit: int | None = None
    ) -> SessionResult:
        request = SessionRequest(
            protocol=protocol_file(max_s),
            reader_id="R01",
            out=tmp_path_factory.mktemp("sessions"),
            tracker="simulated",
            headless=True,
            speed=speed,
            limit=limit,
        )
        return run_session(request, lambda _: None)

    return run


@pytest.fixture(scope="session")
def whole(record: Record) -> SessionResult:
    """Give two readings from cross to end."""
    return record()


@pytest.fixture(scope="session")
def short(record: Record) -> SessionResult:
    """Give one reading that was ended after two seconds: a small folder to copy and damage."""
    return record(max_s=2.0, limit=1)
