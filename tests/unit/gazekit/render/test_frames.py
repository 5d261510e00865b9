"""Key frames as pictures: dark where nobody looked, named by their sentence, listed by key."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.errors import UsageError
from gazekit.model.layout_outputs import FramesLayout
from gazekit.render import RenderedFrame, write_film, write_frames

ABOUT: dict[str, object] = {
    "reading_id": "r1",
    "image_id": "img-1",
    "preset": "gazex",
    "simulated": True,
}


def _frame(sentence: int, order: int, *, holistic: bool) -> RenderedFrame:
    return RenderedFrame(
        sentence_id=f"r1/{sentence}",
        sentence_index=sentence,
        text="Clear.",
        order=order,
        holistic=holistic,
        time_us=5,
        box_px=None,
        centroid_px=(1.0, 2.0),
    )


def _frames() -> list[tuple[RenderedFrame, NDArray[np.float32]]]:
    left, right = np.zeros((2, 4, 6), np.float32)
    left[:, :3], right[:, 3:] = 1, 1
    return [
        (_frame(0, 0, holistic=False), left),
        (_frame(0, 1, holistic=False), right),
        (_frame(0, 2, holistic=True), np.maximum(left, right)),
        (_frame(11, 0, holistic=True), left),
    ]


def _written(out: Path, **options: Any) -> list[RenderedFrame]:
    image = np.full((8, 12), 200, np.uint8)
    return write_frames(_frames(), out, image=image, about=ABOUT, **options)


def test_a_frame_is_bright_where_its_map_is(tmp_path: Path) -> None:
    first, *_ = _written(tmp_path / "out")
    with Image.open(tmp_path / "out" / first.file) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (4, 6)
    assert (pixels[:, :3] == 200).all()
    assert (pixels[:, 3:] == 30).all()


def test_names_sort_as_the_frames_follow_each_other(tmp_path: Path) -> None:
    names = [frame.file for frame in _written(tmp_path / "out")]
    assert sorted(names) == names
    assert [("holistic" in name, name[9:12]) for name in names] == [
        (False, "000"),
        (False, "000"),
        (True, "000"),
        (True, "011"),
    ]


def test_the_index_links_each_file_to_its_sentence(tmp_path: Path) -> None:
    _written(tmp_path / "out")
    index = msgspec.json.decode(FramesLayout(tmp_path / "out").index.read_bytes())
    assert index["simulated"] is True
    assert "not a medical device" in index["note"]
    assert [frame["sentence_id"] for frame in index["frames"]] == ["r1/0"] * 3 + ["r1/11"]
    assert all((tmp_path / "out" / frame["file"]).is_file() for frame in index["frames"])


def test_the_film_holds_the_frames_without_loss(tmp_path: Path) -> None:
    named = _written(tmp_path / "out", video="apng")
    with Image.open(FramesLayout(tmp_path / "out").film("apng")) as film:
        assert getattr(film, "n_frames", 1) == len(named)
        for k, frame in enumerate(named):
            film.seek(k)
            assert film.info["duration"] == 1000
            with Image.open(tmp_path / "out" / frame.file) as picture:
                np.testing.assert_array_equal(np.asarray(film.convert("L")), np.asarray(picture))


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="exists"):
        _written(tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    nothing = np.zeros((0, 0), np.float32)
    broken = [*_frames(), (_frame(12, 0, holistic=True), nothing)]
    with pytest.raises(ValueError, match="must be > 0"):
        write_frames(broken, tmp_path / "out", image=np.zeros((8, 12), np.uint8), about=ABOUT)
    assert not list(tmp_path.iterdir())


def test_an_mp4_shows_each_frame_for_a_second(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="MP4 is of the extra video")
    pictures = [np.full((33, 47), value, np.uint8) for value in (20, 120, 220)]
    path = tmp_path / "film.mp4"
    write_film(path, pictures, kind="mp4")
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]
    read = [ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    done = subprocess.run(read, capture_output=True, check=True)
    assert b" 1 fps" in done.stderr
    shown = np.frombuffer(done.stdout, np.uint8).reshape(3, 34, 48)
    assert [np.median(frame) for frame in shown] == pytest.approx([20, 120, 220], abs=3)
