"""Is a damaged session found out, and is a cut one mended?"""

import shutil
import tempfile
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.request import SessionResult
from capture.soundness import problems_of
from gazekit.model.files import write_checksums, write_json
from gazekit.model.layout import SessionLayout
from gazekit.model.recovery import recover_session
from gazekit.model.session import iter_samples, read_events, read_session_record, read_words
from gazekit.model.stream import JsonLinesWriter


def times_of(root: Path) -> list[int]:
    batches = list(iter_samples(root))
    if not batches:
        return []
    times: list[int] = pa.Table.from_batches(batches).column("system_time_us").to_pylist()
    return times


def copy_of(session: str, folder: str) -> Path:
    return Path(shutil.copytree(session, Path(folder) / Path(session).name))


@settings(max_examples=25)
@given(
    name=st.sampled_from(["samples", "clock", "events", "view_states", "transcript", "log"]),
    share=st.floats(0.0, 1.0),
    rest=st.integers(0, 300),
)
def test_a_session_cut_at_any_byte_is_mended(
    short: SessionResult, name: str, share: float, rest: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = copy_of(short.session, folder)
        layout = SessionLayout(root)
        path = {"samples": layout.samples(0), "clock": layout.clock(0)}.get(
            name, root / f"{name}.jsonl"
        )
        before = times_of(root)
        layout.checksums.unlink()
        record = read_session_record(root)
        write_json(layout.session, msgspec.structs.replace(record, closed=False))
        size = path.stat().st_size
        end = min(max(round(size * share) - rest, 0), size)
        with path.open("rb+") as file:
            file.truncate(end)
        if name == "events":
            # A reading without its start is no longer one: what hangs on it goes with it.
            starts = [e for e in read_events(root) if e.kind == "reading_start"]
            if not starts:
                layout.transcript.write_bytes(b"")
                layout.annotations.write_bytes(b"")
                for sound in root.glob("audio*"):
                    sound.unlink()

        recover_session(root)
        assert problems_of(root) == []
        after = times_of(root)
        assert after == before[: len(after)]
        if name != "samples":
            assert after == before
        assert not recover_session(root).changed


def test_an_image_that_is_not_what_was_shown_is_found(short: SessionResult) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = copy_of(short.session, folder)
        layout = SessionLayout(root)
        (path,) = layout.image_folder.iterdir()
        from PIL import Image

        with Image.open(path) as picture:
            pixels = np.asarray(picture).astype(np.uint16)
        pixels[0, 0] ^= 1
        Image.fromarray(pixels).save(path)
        layout.checksums.unlink()
        write_checksums(root)
        (problem,) = problems_of(root)
        assert "the image is not the one that was shown" in str(problem)
        assert path.name in str(problem)


def test_a_word_outside_its_reading_is_found(short: SessionResult) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = copy_of(short.session, folder)
        layout = SessionLayout(root)
        (last,) = (e for e in read_events(root) if e.kind == "reading_end")
        end, reading_id = last.time_us, str(last.value["reading_id"])
        from gazekit.model.records import Word

        late = Word(reading_id=reading_id, index=99, text="late", onset_us=end, offset_us=end + 1)
        with JsonLinesWriter(layout.transcript) as writer:
            writer.append(late)
        line = len(read_words(root))
        write_checksums(root)
        (problem,) = problems_of(root)
        assert f"transcript.jsonl line {line}: the word lies outside its reading" in str(problem)
