"""Do whisper and vosk take local folders only, and give words? Against stand-ins of the packages.

No weights can be had here: the stand-ins have the names and signatures of faster-whisper 1.2 and
vosk 0.3.45, and what these hear was never measured.
"""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gazekit.model.errors import UnfitError, UsageError
from gazekit.speech.choose import engine_named
from gazekit.speech.sound import RATE_HZ, sound_of

pytest.importorskip("pocketsphinx", reason="needs pocketsphinx, of the extra speech")
pytest.importorskip("scipy")

SILENCE = sound_of(np.zeros(RATE_HZ, np.float32), RATE_HZ)


class FakeWhisperModel:
    asked: dict[str, Any]

    def __init__(
        self, model: str, device: str, compute_type: str, *, local_files_only: bool
    ) -> None:
        assert local_files_only
        assert (device, compute_type) == ("cpu", "int8")
        assert Path(model).is_dir()
        if (Path(model) / "broken").exists():
            raise RuntimeError("unsupported model")

    def transcribe(self, audio: np.ndarray, **options: Any) -> tuple[list[Any], Any]:
        FakeWhisperModel.asked = {"dtype": audio.dtype, **options}
        return [SimpleNamespace(text=" The heart"), SimpleNamespace(text=" is normal.")], None


class FakeRecognizer:
    def __init__(self, model: object, rate_hz: float) -> None:
        assert model
        assert rate_hz == RATE_HZ
        self._blocks = 0

    def SetWords(self, words: bool) -> None:  # noqa: N802, FBT001 - vosk's own
        assert words

    def AcceptWaveform(self, data: bytes) -> bool:  # noqa: N802
        assert len(data) % 2 == 0
        self._blocks += 1
        return self._blocks == 2

    def Result(self) -> str:  # noqa: N802
        return json.dumps({"result": [{"word": "heart", "start": 0.1, "end": 0.4, "conf": 0.9}]})

    def FinalResult(self) -> str:  # noqa: N802
        return json.dumps({"text": ""})


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, vosk = ModuleType("faster_whisper"), ModuleType("vosk")
    whisper.WhisperModel = FakeWhisperModel  # type: ignore[attr-defined]
    vosk.Model = lambda path: path  # type: ignore[attr-defined]
    vosk.KaldiRecognizer = FakeRecognizer  # type: ignore[attr-defined]
    vosk.SetLogLevel = print  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "faster_whisper", whisper)
    monkeypatch.setitem(sys.modules, "vosk", vosk)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.usefixtures("packages")
def test_whisper_drafts_offline_and_the_aligner_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_named("whisper", folder(tmp_path, "model.bin"))
    made = engine.transcribe(SILENCE, None)
    assert [word.text for word in made.words] == ["The", "heart", "is", "normal."]
    assert {word.reason for word in made.words} == {"no_speech"}
    assert made.engine == "whisper+align"
    assert FakeWhisperModel.asked["word_timestamps"] is True
    assert FakeWhisperModel.asked["dtype"] == np.float32
    import os

    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.usefixtures("packages")
def test_a_text_that_the_reader_wrote_is_kept(tmp_path: Path) -> None:
    made = engine_named("whisper", folder(tmp_path, "model.bin")).transcribe(SILENCE, "My words.")
    assert [word.text for word in made.words] == ["My", "words."]


@pytest.mark.usefixtures("packages")
def test_vosk_gives_words_with_its_own_times(tmp_path: Path) -> None:
    (word,) = engine_named("vosk", folder(tmp_path, "am")).transcribe(SILENCE, None).words
    assert (word.text, word.onset_s, word.offset_s, word.confidence) == ("heart", 0.1, 0.4, 0.9)


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize(
    ("engine", "names", "what"),
    [
        ("whisper", (), "no whisper model"),
        ("whisper", ("model.bin", "broken"), "cannot be loaded"),
        ("vosk", (), "no vosk model"),
    ],
)
def test_a_folder_without_a_model_is_one_line(
    tmp_path: Path, engine: str, names: tuple[str, ...], what: str
) -> None:
    with pytest.raises(UnfitError, match=what):
        engine_named(engine, folder(tmp_path, *names))


@pytest.mark.parametrize(("engine", "name"), [("whisper", "model.bin"), ("vosk", "am")])
def test_a_missing_package_names_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    monkeypatch.setitem(sys.modules, "vosk", None)
    with pytest.raises(UnfitError, match=rf"gazekit\[{engine}\]"):
        engine_named(engine, folder(tmp_path, name))


def test_wrong_choices_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs no --model"):
        engine_named("align", tmp_path)
    with pytest.raises(UsageError, match="needs the folder"):
        engine_named("vosk")
    with pytest.raises(UsageError, match="no such engine"):
        engine_named("sphinx")
