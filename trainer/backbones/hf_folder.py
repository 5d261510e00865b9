"""Is the folder of a model whole: configuration, weights, tokenizer, image processor?

What the library itself says of a folder that lacks a file is long, and names another cause.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gazekit.model.errors import DataError
from gazekit.model.layout_runs import ModelLayout

__all__ = ["folder_problem"]

_AGAIN = "fetch the model's folder anew, all of its files"
_POINTER = b"version https://git-lfs"


class _Index(msgspec.Struct, frozen=True):
    """Which file each weight is in."""

    weight_map: dict[str, str] = {}


def folder_problem(folder: ModelLayout) -> DataError | None:
    """Return the first thing that a model's folder lacks, or None."""
    return next(_problems(folder), None)


def _problems(folder: ModelLayout) -> Iterator[DataError]:
    if not folder.config.is_file():
        yield _lacks(
            folder,
            "this folder holds no model",
            folder.config,
            "give the folder of an image-text-to-text model of the Hugging Face library",
        )
    yield from _of_weights(folder)
    if not any(path.is_file() for path in folder.tokenizers):
        yield _lacks(folder, "the folder holds no tokenizer", folder.tokenizers[0])
    if not any(path.is_file() for path in folder.processors):
        yield _lacks(folder, "the folder holds no image processor", folder.processors[0])


def _of_weights(folder: ModelLayout) -> Iterator[DataError]:
    weights = folder.weights()
    if not weights:
        others = sorted(path.name for path in folder.other_weights())
        yield DataError(
            "the folder holds no weights that are read",
            where=_where(folder),
            expected="*.safetensors",
            found=others[0] if others else "none",
            remedy="save it anew with transformers: save_pretrained(FOLDER)" if others else _AGAIN,
        )
    for path in weights:
        if _is_pointer(path):
            yield DataError(
                "the weights were not fetched: a pointer stands in their place",
                where=f"{_where(folder)}/{path.name}",
                remedy="type in the folder: git lfs pull",
            )
    for name in _indexed(folder):
        if not (folder.root / name).is_file():
            yield DataError(
                "a file of weights is missing", where=_where(folder), expected=name, remedy=_AGAIN
            )


def _indexed(folder: ModelLayout) -> list[str]:
    """Return the names of the files that weights are spread over."""
    if not folder.index.is_file():
        return []
    try:
        index = msgspec.json.decode(folder.index.read_bytes(), type=_Index)
    except msgspec.DecodeError:
        return [folder.index.name + " as JSON"]
    return sorted(set(index.weight_map.values()))


def _is_pointer(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER


def _lacks(folder: ModelLayout, what: str, path: Path, remedy: str = _AGAIN) -> DataError:
    return DataError(what, where=_where(folder), expected=path.name, remedy=remedy)


def _where(folder: ModelLayout) -> str:
    return f"model.path: {folder.root.name}"
