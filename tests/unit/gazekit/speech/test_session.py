"""Does transcribing a session change what it should, keep what was there, and stay sound?"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gazekit.model.audit import check_audit
from gazekit.model.errors import DataError, UsageError
from gazekit.model.files import verify_checksums
from gazekit.model.layout import SessionLayout
from gazekit.model.session import read_words
from gazekit.speech.engines import SpokenWord, Transcription
from gazekit.speech.session import transcribe_session
from gazekit.speech.sound import Sound

pytest.importorskip("soundfile", reason="needs soundfile, of the extra speech")

QUIET = np.zeros(32_000, np.float32)
ONSET_US = 5_000_000


@dataclasses.dataclass
class Counting:
    """An engine that times each word by its index, but for the words in `lost`."""

    name: str = "align"
    needs_text: bool = True
    lost: tuple[str, ...] = ()
    heard: list[str | None] = dataclasses.field(default_factory=list)

    def transcribe(self, sound: Sound, text: str | None) -> Transcription:
        assert sound.duration_s > 0
        self.heard.append(text)
        words = [
            SpokenWord(word, reason="not_heard")
            if word in self.lost
            else SpokenWord(word, float(index), index + 0.5, 0.9)
            for index, word in enumerate((text or "").split())
        ]
        return Transcription(tuple(words), self.name)


def test_words_get_times_on_the_session_clock(make_session: Callable[..., Path]) -> None:
    root = make_session(QUIET)
    done = transcribe_session(root, engine=Counting())
    mine = [word for word in read_words(root) if word.reading_id == "r-0"]
    assert [word.text for word in mine] == ["The", "heart", "is", "normal."]
    assert [word.onset_us for word in mine] == [ONSET_US + i * 1_000_000 for i in range(4)]
    assert (mine[0].offset_us, mine[0].engine, mine[0].confidence) == (5_500_000, "align", 0.9)
    assert (done.readings, done.words, done.timed) == (2, 4, 4)


def test_the_last_revision_of_a_report_counts(make_session: Callable[..., Path]) -> None:
    engine = Counting()
    transcribe_session(make_session(QUIET), engine=engine)
    assert engine.heard == ["The heart is normal."]


def test_the_earlier_transcript_is_kept_and_the_session_stays_sound(
    make_session: Callable[..., Path], transcript_of: Callable[[Path], bytes]
) -> None:
    root = make_session(QUIET)
    before = transcript_of(root)
    transcribe_session(root, engine=Counting())
    layout = SessionLayout(root)
    assert layout.earlier_transcript(0).read_bytes() == before
    assert verify_checksums(root) == []
    assert check_audit(layout.audit) == []
    assert b"transcript written anew with engine align" in layout.audit.read_bytes()


def test_a_second_time_changes_nothing(make_session: Callable[..., Path]) -> None:
    root = make_session(QUIET)
    assert transcribe_session(root, engine=Counting()).changed
    files = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert not transcribe_session(root, engine=Counting()).changed
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == files


def test_each_earlier_transcript_has_a_name_of_its_own(make_session: Callable[..., Path]) -> None:
    root = make_session(QUIET)
    for lost in ((), ("heart",), ("The",)):
        transcribe_session(root, engine=Counting(lost=lost))
    kept = [SessionLayout(root).earlier_transcript(number).is_file() for number in range(4)]
    assert kept == [True, True, True, False]


def test_a_word_that_was_not_heard_has_no_time_and_is_told(
    make_session: Callable[..., Path],
) -> None:
    root = make_session(QUIET)
    done = transcribe_session(root, engine=Counting(lost=("heart",)))
    (word,) = [word for word in read_words(root) if word.text == "heart"]
    assert (word.onset_us, word.offset_us, word.confidence, word.engine) == (None,) * 4
    told = {one.reading_id: one for one in done.silent}
    assert (told["r-0"].untimed, told["r-0"].words) == (1, 4)
    assert "does not hold these words" in told["r-0"].reason


def test_a_reading_without_a_report_keeps_its_words(make_session: Callable[..., Path]) -> None:
    root = make_session(QUIET, None)
    done = transcribe_session(root, engine=Counting())
    assert [word.text for word in read_words(root)] == ["earlier", "earlier"]
    assert not done.changed
    assert {one.reading_id for one in done.silent} == {"r-0", "r-1"}
    assert "no report text" in done.silent[0].reason


def test_sound_without_a_line_to_the_clock_gives_words_without_times(
    make_session: Callable[..., Path],
) -> None:
    root = make_session(QUIET, onset_us=None, words=True)
    done = transcribe_session(root, engine=Counting(), reading_id="r-0")
    mine = [word for word in read_words(root) if word.reading_id == "r-0"]
    assert [word.onset_us for word in mine] == [None] * 4
    assert "no line to the session clock" in done.silent[0].reason
    assert [word.text for word in read_words(root) if word.reading_id == "r-1"] == ["earlier"]


def test_times_that_stand_there_are_not_given_up_for_none(
    make_session: Callable[..., Path],
) -> None:
    root = make_session(QUIET)
    transcribe_session(root, engine=Counting())
    before = read_words(root)
    done = transcribe_session(root, engine=Counting(lost=("The", "heart", "is", "normal.")))
    assert read_words(root) == before
    assert not done.changed
    told = {one.reading_id: one for one in done.silent}["r-0"]
    assert (told.untimed, told.words) == (4, 4)
    assert "its earlier times stand" in told.reason


def test_an_open_session_is_left_alone(make_session: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="not closed"):
        transcribe_session(make_session(QUIET, closed=False), engine=Counting())


def test_a_session_that_was_changed_gets_no_new_checksums(
    make_session: Callable[..., Path],
) -> None:
    root = make_session(QUIET)
    SessionLayout(root).events.write_bytes(SessionLayout(root).events.read_bytes() + b"\n")
    with pytest.raises(DataError, match="not as it was closed"):
        transcribe_session(root, engine=Counting())


def test_an_unknown_reading_is_named(make_session: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match=r"r-9.*Did you mean 'r-0'|no such reading"):
        transcribe_session(make_session(QUIET), engine=Counting(), reading_id="r-9")


def test_a_run_that_was_cut_before_the_checksums_is_finished_by_the_next(
    make_session: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_session(QUIET)
    with monkeypatch.context() as patch:
        patch.setattr("gazekit.speech.session.write_checksums", _cut)
        with pytest.raises(KeyboardInterrupt):
            transcribe_session(root, engine=Counting())
    assert verify_checksums(root) != []
    assert not transcribe_session(root, engine=Counting()).changed
    assert verify_checksums(root) == []


def test_a_transcript_that_somebody_changed_is_refused(make_session: Callable[..., Path]) -> None:
    root = make_session(QUIET)
    path = SessionLayout(root).transcript
    path.write_bytes(path.read_bytes().replace(b"earlier", b"altered"))
    with pytest.raises(DataError, match="not as it was closed"):
        transcribe_session(root, engine=Counting())


def _cut(_root: Path) -> None:
    raise KeyboardInterrupt
