"""Where in an output can an identifier hide? Every place is looked into; none is repeated."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gazekit.deid import Identifiers, find_leaks


def png(text: str = "", *, compressed: bool = False, tail: bytes = b"") -> bytes:
    info = PngInfo()
    info.add_text("Comment", text, zip=compressed)
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue() + tail


def international(text: str) -> bytes:
    info = PngInfo()
    info.add_itxt("Comment", text, zip=True)
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def parquet(column: pa.Array, **metadata: str) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"column": column}).replace_schema_metadata(metadata or None)
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def page(picture: bytes) -> bytes:
    data = base64.b64encode(picture).decode()
    return f'<img src="data:image/png;base64,{data}">'.encode()


NAME = "Zenobia"
PLACES: dict[str, Callable[[], bytes]] = {
    "plain text": lambda: b"seen: Zenobia.",
    "JSON": lambda: b'{"note":"Zenobia"}',
    "a column": lambda: parquet(pa.array(["a", f"of {NAME}", None])),
    "a list": lambda: parquet(pa.array([["a"], [NAME]])),
    "a structure": lambda: parquet(pa.array([{"x": 1, "words": [{"text": NAME}]}])),
    "a dictionary": lambda: parquet(pa.array([NAME, "b"]).dictionary_encode()),
    "metadata": lambda: parquet(pa.array([1]), note=NAME),
    "a picture's text": lambda: png(NAME),
    "a picture's deflated text": lambda: png(NAME * 1 + " " * 200, compressed=True),
    "a picture's international text": lambda: international(f"{NAME} " + " " * 200),
    "behind a picture": lambda: png(tail=NAME.encode()),
    "a picture in a column": lambda: parquet(pa.array([{"bytes": png(NAME), "path": "a.png"}])),
    "a picture in a page": lambda: page(png(NAME)),
}


def identifiers() -> Identifiers:
    made = Identifiers()
    made.name("patient's name", "Quimby^Zenobia")
    return made


@pytest.mark.parametrize("place", PLACES)
def test_it_is_found_everywhere_and_not_repeated(tmp_path: Path, place: str) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "file").write_bytes(PLACES[place]())
    (found,) = find_leaks(tmp_path, identifiers())
    assert str(found).startswith("part/file: ")
    assert "patient's name" in str(found)
    assert NAME.lower() not in str(found).lower()


def test_a_file_named_after_somebody_is_found_and_not_named(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "quimby.json").write_bytes(b"{}")
    (found,) = find_leaks(tmp_path, identifiers())
    assert "a file name in part" in str(found)
    assert "quimby" not in str(found)


def test_pixels_and_numbers_are_no_text(tmp_path: Path) -> None:
    made = identifiers()
    made.number("number", "88231906")
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "b.parquet").write_bytes(parquet(pa.array([88231906, 1])))
    (tmp_path / "c.json").write_bytes(b'{"sum": 88231906.25, "sha256": "' + b"88231906" * 8 + b'"}')
    assert find_leaks(tmp_path, made) == []


def test_what_is_known_to_be_no_leak_is_passed_over(tmp_path: Path) -> None:
    made = Identifiers()
    made.date("date", "20260102")
    (tmp_path / "info.json").write_bytes(b'{"created_at":"2026-01-02T10:00:00+00:00"}')
    assert len(find_leaks(tmp_path, made)) == 1
    assert find_leaks(tmp_path, made, apart=["2026-01-02T10:00:00+00:00"]) == []
