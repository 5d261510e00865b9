"""Is an image that no longer decodes named by its id, and not by its file?"""

from pathlib import Path

import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import ImageRecord
from gazekit.read import ImageSource


@pytest.mark.parametrize("content", [b"not an image", None], ids=["damaged", "gone"])
def test_the_name_of_the_file_does_not_show(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "DOE_JOHN_1954.png"
    if content is not None:
        path.write_bytes(content)
    record = ImageRecord(
        image_id="img-0123456789abcdef",
        sha256="",
        width_px=1,
        height_px=1,
        window_low=0.0,
        window_high=1.0,
        window_source="",
        photometric="MONOCHROME2",
        bits_stored=8,
    )
    with pytest.raises(DataError, match="img-0123456789abcdef") as caught:
        ImageSource(record, path, stored=False).load()
    assert "DOE" not in str(caught.value)
