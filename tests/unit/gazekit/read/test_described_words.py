"""Does what was said reach a described reading, at its times, or one line that says why not?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gazekit.model.errors import UsageError
from gazekit.read import ReadingInput
from gazekit.read.described import DescribedSource

FORMATS = Path(__file__).parents[3] / "data" / "formats"
RECORDING = FORMATS / "tobii_sdk" / "gaze.jsonl"
Describe = Callable[..., DescribedSource]
TIMED = "text,onset_us,offset_us\nlungs,100,300\nare,,\nclear.,400,900\n"


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    Image.fromarray(np.zeros((305, 254), np.uint8)).save(tmp_path / "cxr1.png")

    def make(extra: str = "", *, source: str = "") -> DescribedSource:
        path = tmp_path / "source.toml"
        path.write_text(
            f"[source]\nkind = 'tobii_sdk'\n{source}\n[screen]\nwidth_px = 1920\n"
            "height_px = 1080\nwidth_mm = 528.0\nheight_mm = 297.0\ndistance_mm = 650.0\n"
            f"[[reading]]\nrecording = '{RECORDING.as_posix()}'\nimage = 'cxr1.png'\n"
            f"reader = 'R01'\nid = 'first'\n{extra}\n",
            "utf-8",
        )
        return DescribedSource(path)

    return make


def _read(source: DescribedSource) -> ReadingInput:
    catalogue = source.catalogue()
    assert catalogue.excluded == ()
    (reading,) = source.load(["first"], catalogue)
    return reading


def _refusal(source: DescribedSource) -> str:
    (found,) = source.catalogue().excluded
    return found.detail


def test_timed_words_count_from_the_reading(tmp_path: Path, describe: Describe) -> None:
    (tmp_path / "words.csv").write_text(TIMED, "utf-8")
    reading = _read(describe("words = 'words.csv'"))
    onset = reading.reading.onset_us
    assert [word.text for word in reading.words] == ["lungs", "are", "clear."]
    assert [word.onset_us for word in reading.words] == [onset + 100, None, onset + 400]
    assert reading.words[2].offset_us == onset + 900
    assert reading.dictated


def test_words_count_from_a_moment_that_is_given(tmp_path: Path, describe: Describe) -> None:
    (tmp_path / "words.json").write_text(
        '{"engine": "align", "words": [{"text": "clear.", "onset_us": 5, "offset_us": 9}]}', "utf-8"
    )
    (word,) = _read(describe("words = 'words.json'\nspeech_onset = 7000")).words
    assert (word.onset_us, word.offset_us) == (7005, 7009)


def test_a_report_has_words_without_times(tmp_path: Path, describe: Describe) -> None:
    (tmp_path / "report.txt").write_text("\ufeffNo effusion.\r\nHeart normal.", "utf-8")
    words = _read(describe("report = 'report.txt'")).words
    assert [word.text for word in words] == ["No", "effusion.", "Heart", "normal."]
    assert {word.onset_us for word in words} == {None}


def test_the_protocol_gives_the_steps(tmp_path: Path, describe: Describe) -> None:
    protocol = "title = 'T'\nversion = '1'\n[images]\nsynthetic = 1\n[[steps]]\ncode = 'A'\n"
    (tmp_path / "p.toml").write_text(protocol + "name = 'Airways'\nterms = ['trachea']", "utf-8")
    assert [s.code for s in _read(describe(source="protocol = 'p.toml'")).steps] == ["A"]
    with pytest.raises(UsageError, match=r"q\.toml"):
        describe(source="protocol = 'q.toml'").catalogue()


def test_what_was_said_is_part_of_the_source(tmp_path: Path, describe: Describe) -> None:
    words = tmp_path / "words.csv"
    words.write_text(TIMED, "utf-8")
    source = describe("words = 'words.csv'")
    before = source.catalogue().sha256
    words.write_text(TIMED.replace("clear", "dull"), "utf-8")
    assert source.catalogue().sha256 != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text,onset_us,offset_us\na,5,\n", "word 1: a word has half a time"),
        ("text,onset_us,offset_us\na,9,5\n", "found 9 to 5 us"),
        ("text,onset_us,offset_us\na,5,6\nb,1,2\n", "word 2: the times do not follow each other"),
        ("text,onset_us,offset_us\na,5.5,6\n", "row 2, column onset_us"),
        ("text,onset_us,offset_us\na,x,6\n", "row 2, column onset_us"),
        ("text,onset_us\na,5\n", "column offset_us is missing"),
        ("", "the file is empty"),
    ],
)
def test_words_that_do_not_fit_are_one_line(
    tmp_path: Path, describe: Describe, text: str, says: str
) -> None:
    (tmp_path / "Jane Doe.csv").write_text(text, "utf-8")
    refusal = _refusal(describe("words = 'Jane Doe.csv'"))
    assert says in refusal
    assert "Doe" not in refusal
    assert "\n" not in refusal


def test_missing_files_and_wrong_json_are_one_line(tmp_path: Path, describe: Describe) -> None:
    assert "no such file" in _refusal(describe("words = 'none.csv'"))
    assert "no such file" in _refusal(describe("report = 'none.txt'"))
    (tmp_path / "w.json").write_text("[1]", "utf-8")
    assert "not a list of words" in _refusal(describe("words = 'w.json'"))
    (tmp_path / "r.txt").write_bytes(b"\xff\xfe\xfa")
    assert "not UTF-8" in _refusal(describe("report = 'r.txt'"))


def test_a_report_and_words_together_are_refused(describe: Describe) -> None:
    with pytest.raises(UsageError, match="report and words"):
        describe("report = 'r.txt'\nwords = 'w.csv'").catalogue()


def test_the_words_that_transcribe_writes_are_read(tmp_path: Path, describe: Describe) -> None:
    soundfile = pytest.importorskip("soundfile", reason="needs soundfile, of the extra speech")
    from gazekit.speech import SpokenWord, Transcription, transcribe_files

    class Engine:
        name = "align"
        needs_text = True

        def transcribe(self, _sound: object, _text: str | None) -> Transcription:
            words = (SpokenWord("Lungs", 0.25, 0.5, 0.9), SpokenWord("clear.", reason="not_heard"))
            return Transcription(words, "align", 0.0)

    soundfile.write(tmp_path / "a.wav", np.zeros(16_000, np.float32), 16_000)
    (tmp_path / "a.txt").write_text("Lungs clear.", "utf-8")
    out = tmp_path / "words.json"
    transcribe_files(tmp_path / "a.wav", tmp_path / "a.txt", out, engine=Engine())
    plain, shifted = (_read(describe(line)) for line in ("", "words = 'words.json'"))
    assert plain.words == ()
    assert [word.text for word in shifted.words] == ["Lungs", "clear."]
    assert shifted.words[1].onset_us is None
    first = shifted.words[0]
    assert first.onset_us is not None
    assert first.offset_us is not None
    assert first.offset_us - first.onset_us == 250_000
