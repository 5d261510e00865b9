"""Where can text stand in an output? Every piece of it: Parquet pages, PNG chunks, data URIs."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["texts_of"]

_PARQUET = b"PAR1"
_FLAC = b"fLaC"
_PNG = b"\x89PNG\r\n\x1a\n"
_PIXELS = {b"IDAT", b"PLTE"}
_SOUND_NUMBERS = {0, 3}
"""Blocks of a FLAC stream that hold numbers only: STREAMINFO and SEEKTABLE."""
_BETWEEN = "\n0x0x0x0\n"
"""Stands between values that are looked through at once: a word, so that none reaches over."""

_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w=-]+)*;base64,([A-Za-z0-9+/=\s]+)")


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every text of a file with its place in it ("" for the file as a whole).

    Parquet is read column by column, which decompresses its pages; the different values of a
    row group come as one text. Numbers hold no text and are passed over, as are the compressed
    pixels of a PNG and the sound of a FLAC stream.
    """
    with path.open("rb") as file:
        head = file.read(len(_PNG))
    if head.startswith(_PARQUET):
        yield from _parquet(path)
    else:
        yield from (("", text) for text in _blob(path.read_bytes()))


def _parquet(path: Path) -> Iterator[tuple[str, str]]:
    with pq.ParquetFile(path) as file:
        yield "its metadata", str(file.schema_arrow)
        for key, value in (file.metadata.metadata or {}).items():
            yield "its metadata", f"{_decoded(key)} {_decoded(value)}"
        for group in range(file.num_row_groups):
            for column in file.schema_arrow.names:
                table = file.read_row_group(group, columns=[column])
                for text in _values(table.column(column).combine_chunks()):
                    yield column, text


def _values(array: pa.Array) -> Iterator[str]:
    """Yield the strings of an array, and what its binary values hold, however they are nested."""
    kind = array.type
    if isinstance(array, pa.ChunkedArray):
        for chunk in array.chunks:
            yield from _values(chunk)
    elif pa.types.is_struct(kind):
        for part in array.flatten():
            yield from _values(part)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _values(array.flatten())
    elif pa.types.is_dictionary(kind):
        yield from _values(array.dictionary)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield _BETWEEN.join(pc.unique(array.drop_null()).to_pylist())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        for value in array.drop_null():
            yield from _blob(value.as_py())


def _blob(data: bytes) -> Iterator[str]:
    if data.startswith(_PNG):
        yield from _png(data)
        return
    if data.startswith(_FLAC):
        yield from _flac(data)
        return
    text = _decoded(data)
    yield _DATA_URI.sub(" ", text)
    for match in _DATA_URI.finditer(text):
        try:
            yield from _blob(base64.b64decode("".join(match.group(1).split()), validate=True))
        except binascii.Error:
            yield match.group(1)


def _png(data: bytes) -> Iterator[str]:
    """Yield what a PNG says beside its pixels: text chunks inflated, and bytes behind its end."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind not in _PIXELS:
            yield _decoded(body)
        if kind in {b"zTXt", b"iTXt"}:
            yield from _inflated(body)
        if kind == b"IEND":
            break
    yield _decoded(data[at:])


def _flac(data: bytes) -> Iterator[str]:
    """Yield what a FLAC stream says before its sound: comments, pictures, what programs left."""
    at, last = len(_FLAC), False
    while not last and at + 4 <= len(data):
        last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        length = int.from_bytes(data[at + 1 : at + 4], "big")
        if kind not in _SOUND_NUMBERS:
            yield from _blob(data[at + 4 : at + 4 + length])
        at += 4 + length


def _inflated(body: bytes) -> Iterator[str]:
    """Yield the compressed part of a text chunk: zlib streams begin with 0x78."""
    start = body.find(b"\x78")
    while start >= 0:
        try:
            yield _decoded(zlib.decompressobj().decompress(body[start:]))
        except zlib.error:
            start = body.find(b"\x78", start + 1)
        else:
            return


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
