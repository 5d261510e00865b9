"""Is a slow tracker waited for, and an absent one told?"""

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from capture import preflight
from gazekit.model.schemas import empty_table

NOW_US = 10_000_000


class Late:
    """A recorder whose first samples come after so many frames; and the frames shown meanwhile.

    The samples that it has then are old, and fresh ones come five frames later.
    """

    def __init__(self, after: int) -> None:
        self.after, self.frames = after, 0

    def latest(self, _: int) -> Any:
        last_us = NOW_US - (0 if self.frames >= self.after + 5 else 900_000)
        times = [last_us - 1000, last_us] if self.frames >= self.after else []
        return pa.table({"system_time_us": pa.array(times, pa.int64())})

    def frame(self, _: object) -> None:
        self.frames += 1


def wait(late: Late) -> None:
    clock = SimpleNamespace(now_us=lambda: NOW_US, speed=1.0)
    station: Any = SimpleNamespace(recorder=late, frame=late.frame, clock=clock)
    preflight._await_samples(station)  # noqa: SLF001 - the wait alone


def test_the_first_sample_is_waited_for() -> None:
    late = Late(after=5)
    wait(late)
    assert late.frames == 10, "until there is a fresh one"


def test_what_never_comes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_FIRST_SAMPLE_S", 0.05)
    late = Late(after=10**9)
    wait(late)
    assert late.frames > 0
    recorder = SimpleNamespace(latest=lambda _: empty_table("raw_samples"))
    station: Any = SimpleNamespace(recorder=recorder)
    (line,) = preflight._samples(station)  # noqa: SLF001 - one check
    assert not line.ok
    assert line.found.startswith("none has come in")
    assert "cable" in line.remedy
