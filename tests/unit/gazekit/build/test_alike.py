"""Do catalogues share what they hold alike, and stay equal?"""

from pathlib import Path

import msgspec

from gazekit.build.alike import Alike
from gazekit.model.records import ImageRecord, ReadingRecord
from gazekit.read import Catalogue, ImageSource

IMAGE = ImageRecord(
    image_id="img",
    sha256="0" * 64,
    width_px=10,
    height_px=10,
    window_low=0.0,
    window_high=255.0,
    window_source="data",
    photometric="MONOCHROME2",
    bits_stored=8,
)
READING = ReadingRecord(
    reading_id="one",
    reader_id="R01",
    image_id="img",
    onset_us=0,
    offset_us=1,
    outcome="complete",
)


def _catalogue(image: ImageRecord = IMAGE) -> Catalogue:
    """Make a catalogue of which no part is another one's."""
    record = msgspec.json.decode(msgspec.json.encode(image), type=ImageRecord)
    reading = msgspec.json.decode(msgspec.json.encode(READING), type=ReadingRecord)
    found = ImageSource(record, Path("a.png"), stored=True)
    hashes = {"image/img": str(bytes(16).hex())}
    return Catalogue("0" * 64, (reading,), {"img": found}, hashes=hashes)


def test_equal_parts_are_kept_once() -> None:
    alike = Alike()
    first, second = alike.keep(_catalogue()), alike.keep(_catalogue())
    assert first == second == _catalogue()
    assert first.images["img"].record is second.images["img"].record
    assert first.readings[0].reader_id is second.readings[0].reader_id
    assert first.hashes["image/img"] is second.hashes["image/img"]


def test_what_is_written_otherwise_stays_apart() -> None:
    alike = Alike()
    alike.keep(_catalogue())
    signed = msgspec.structs.replace(IMAGE, window_low=-0.0)
    kept = alike.keep(_catalogue(signed)).images["img"].record
    assert msgspec.json.encode(kept) == msgspec.json.encode(signed)
