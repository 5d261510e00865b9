"""How do key frames become a film? An animated PNG without loss, or MP4 for any player."""

import io
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.errors import GazekitError, UnfitError
from gazekit.model.files import atomic_path, write_bytes

__all__ = ["Film", "write_film"]

Film = Literal["apng", "mp4"]
_FRAME_MS = 1000
_CRF = "12"


def write_film(path: Path, pictures: Sequence[NDArray[np.uint8]], *, kind: Film) -> None:
    """Write grey pictures of one size as a film, one a second.

    Parameters
    ----------
    path
        The file; its ending is that of `kind`.
    pictures
        uint8, shape (rows, columns) each; at least one.
    kind
        ``apng`` keeps every value; ``mp4`` (H.264) is for looking at, since its values are not
        quite those of the frames, and takes one more row or column where a side is odd.

    Raises
    ------
    UnfitError
        MP4 is asked for and imageio-ffmpeg is not installed.
    """
    if kind == "apng":
        first, *rest = (Image.fromarray(picture) for picture in pictures)
        buffer = io.BytesIO()
        first.save(buffer, "PNG", save_all=True, append_images=rest, duration=_FRAME_MS, loop=0)
        write_bytes(path, buffer.getvalue())
        return
    with atomic_path(path) as part:
        _write_mp4(part, pictures)


def _write_mp4(path: Path, pictures: Sequence[NDArray[np.uint8]]) -> None:
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise UnfitError(
            "MP4 needs a program that is not installed",
            expected="imageio-ffmpeg",
            remedy="pip install 'gazekit[video]', or take --video apng",
        ) from error
    rows, columns = pictures[0].shape
    padding = ((0, rows % 2), (0, columns % 2))
    frames = b"".join(np.pad(picture, padding, mode="edge").tobytes() for picture in pictures)
    size = f"{columns + columns % 2}x{rows + rows % 2}"
    taken = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", str(1000 / _FRAME_MS)]
    made = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", _CRF, "-f", "mp4"]
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *taken, "-i", "-"]
    done = subprocess.run([*program, *made, str(path)], input=frames, capture_output=True)  # noqa: S603, PLW1510 - our own arguments; its exit is looked at below
    if done.returncode != 0:
        raise GazekitError("the film could not be encoded", found=f"ffmpeg {done.returncode}")
