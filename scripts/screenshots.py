"""Which pictures do the pages of the documentation show? All of them, made by the real programs.

    make screenshots                                        # all
    .venv/bin/python scripts/screenshots.py figures         # or: windows, pages

Readers, trackers and images are simulated. Reports, figures and evidence are of what `make demo`
left in `demo/`. Look at each picture before it is committed.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from shot_page import figures, pages  # type: ignore[import-not-found]
from shot_screen import windows  # type: ignore[import-not-found]

_ROOT = Path(__file__).resolve().parent.parent
_DEMO = _ROOT / "demo"
_IMAGES = _ROOT / "docs" / "images"
_WIDEST_PX = 1280
_MOST_BYTES = 150_000
_QUALITIES = (90, 80, 70, 60)

_KINDS: dict[str, Callable[[Path], Iterator[tuple[str, Image.Image]]]] = {
    "windows": windows,
    "pages": lambda folder: pages(_DEMO, folder),
    "figures": lambda folder: figures(_DEMO, folder),
}


def main(chosen: list[str]) -> None:
    """Make the pictures of the chosen kinds, or of all."""
    if unknown := set(chosen) - set(_KINDS):
        sys.exit(f"error: no such kind: {', '.join(sorted(unknown))}; of {', '.join(_KINDS)}")
    if not (_DEMO / "index.html").is_file():
        sys.exit("error: there is no demo/index.html: run make demo first")
    _IMAGES.mkdir(exist_ok=True)
    for kind in chosen or _KINDS:
        with tempfile.TemporaryDirectory() as folder:
            for name, picture in _KINDS[kind](Path(folder)):
                path = _IMAGES / f"{name}.webp"
                _save(picture, path)
                print(f"{path.relative_to(_ROOT)}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def _save(picture: Image.Image, path: Path) -> None:
    """Save as WebP of at most 1280 px, in the best quality that is small enough for a page."""
    if picture.width > _WIDEST_PX:
        height = round(picture.height * _WIDEST_PX / picture.width)
        picture = picture.resize((_WIDEST_PX, height), Image.Resampling.LANCZOS)
    for quality in _QUALITIES:
        picture.save(path, quality=quality, method=6)
        if path.stat().st_size <= _MOST_BYTES:
            return
    sys.exit(f"error: {path.name} is larger than {_MOST_BYTES / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
