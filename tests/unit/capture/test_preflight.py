"""Is a slow tracker waited for, and an absent one told?"""

from types import SimpleNamespace
from typing import Any

import pytest

from capture import preflight
from gazekit.model.schemas import empty_table


class Late:
    """A recorder whose first samples come after so many frames; and the frames shown meanwhile."""

    def __init__(self, after: int) -> None:
        self.after, self.frames = after, 0

    def latest(self, _: int) -> Any:
        return SimpleNamespace(num_rows=2 if self.frames >= self.after else 0)

    def frame(self, _: object) -> None:
        self.frames += 1


def wait(late: Late) -> None:
    station: Any = SimpleNamespace(recorder=late, frame=late.frame)
    preflight._await_samples(station)  # noqa: SLF001 - the wait alone


def test_the_first_sample_is_waited_for() -> None:
    late = Late(after=5)
    wait(late)
    assert late.frames == 5


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
