"""Do key frames come out as pictures, from a dataset and from a session, linked by key?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import EXIT_USAGE
from gazekit.model.layout import StudyLayout
from gazekit.model.layout_outputs import FramesLayout


def _index(out: Path) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = json.loads(FramesLayout(out).index.read_text("utf-8"))["frames"]
    return frames


def test_frames_of_a_dataset_and_of_its_session(
    small_study: Path, tmp_path: Path, gazekit: Callable[..., Any]
) -> None:
    session = min(StudyLayout(small_study).sessions.iterdir())
    built = tmp_path / "dataset"
    assert gazekit("build", session, "--out", built, "--workers", 1).code == 0
    keyframes = open_dataset(built).table("keyframes").to_pylist()
    reading = keyframes[0]["reading_id"]
    known = {row["sentence_id"]: row["text"] for row in keyframes if row["reading_id"] == reading}

    done = gazekit("frames", built, "--reading", reading, "--out", tmp_path / "a", "--json")
    assert done.code == 0
    shown = {frame["sentence_id"]: frame["text"] for frame in json.loads(done.out)}
    assert shown == known == {f["sentence_id"]: f["text"] for f in _index(tmp_path / "a")}

    options = ("--preset", "gazex", "--video")
    assert (
        gazekit("frames", session, "--reading", reading, "--out", tmp_path / "b", *options)[0] == 0
    )
    frames = _index(tmp_path / "b")
    assert {f["sentence_id"] for f in frames if f["holistic"]} >= set(known)
    assert all(known.get(f["sentence_id"], f["text"]) == f["text"] for f in frames)
    assert FramesLayout(tmp_path / "b").film("apng").is_file()


def test_what_cannot_be_rendered_is_said_in_one_line(
    small_study: Path, tmp_path: Path, gazekit: Callable[..., Any]
) -> None:
    session = min(StudyLayout(small_study).sessions.iterdir())
    options = ("--out", tmp_path / "a", "--preset", "gazex")
    done = gazekit("frames", session, "--reading", "nobody", *options)
    assert done.code == EXIT_USAGE
    assert "no such reading" in done.err
    built = tmp_path / "dataset"
    gazekit("build", session, "--out", built, "--workers", 1)
    done = gazekit("frames", built, "--reading", "nobody", *options)
    assert done.code == EXIT_USAGE
    assert "no raw samples" in done.err
    assert not (tmp_path / "a").exists()
