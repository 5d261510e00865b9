"""The invented fixtures of every format, and an image for those that come without one."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def formats() -> Path:
    """Return the folder of invented files, each format as its makers publish it."""
    return Path(__file__).resolve().parents[3] / "data" / "formats"


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder laid out like MIMIC-CXR with the one image that the fixtures refer to."""
    root = tmp_path_factory.mktemp("mimic-cxr")
    folder = root / "files" / "p19" / "p19999999" / "s59999999"
    folder.mkdir(parents=True)
    path = folder / "00000000-11111111-22222222-33333333-44444444.png"
    grey = np.tile((np.arange(2540) // 10).astype(np.uint8), (3050, 1))
    Image.fromarray(grey).save(path, compress_level=1)
    return root
