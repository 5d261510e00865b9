"""Does a recogniser's draft come back, and does none leave the reader to type?"""

import sys
import time
from pathlib import Path

import pytest

from capture.drafting import Drafter, Drafting
from gazekit.model.errors import UnfitError, UsageError

HEARD = """
import json, sys
if "--help" in sys.argv: print("--audio PATH"); sys.exit(0)
print(json.dumps({"text": "Heart normal.", "words": []})); sys.exit(CODE)
"""


def played(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr("capture.drafting._GAZEKIT", (sys.executable, "-c", program))


def wait_for(drafting: Drafting) -> str:
    give_up_s = time.monotonic() + 30
    while (text := drafting.poll()) is None:
        assert time.monotonic() < give_up_s
        time.sleep(0.01)
    return text


@pytest.mark.parametrize("code", [0, 3])
def test_a_draft_is_joined_from_the_stretches_of_sound(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(monkeypatch, HEARD.replace("CODE", str(code)))
    Drafter(tmp_path)
    drafting = Drafting("whisper", tmp_path, [tmp_path / "a.wav", tmp_path / "b.wav"])
    assert wait_for(drafting) == "Heart normal. Heart normal."
    assert drafting.remark == ""


def test_a_recogniser_that_fails_leaves_the_reader_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(monkeypatch, HEARD.replace("CODE", "5"))
    drafting = Drafting("whisper", tmp_path, [tmp_path / "a.wav"])
    assert wait_for(drafting) == ""
    assert "please type" in drafting.remark
    assert "no sound" in Drafting("whisper", tmp_path, []).remark


def test_what_cannot_draft_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        Drafter(tmp_path / "none")
    played(monkeypatch, "raise SystemExit(2)")
    with pytest.raises(UnfitError, match="no drafts"):
        Drafter(tmp_path)
