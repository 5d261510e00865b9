"""Where does a vision-language model lie on this machine, and is it the one that is meant?

Nothing is fetched unless that is asked for, and only weights without code in them are read.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from gazekit.model.errors import DataError, GazekitError, UnfitError, UsageError
from gazekit.model.layout_runs import ModelLayout
from trainer.backbones.hf_folder import folder_problem
from trainer.config import ModelConfig

__all__ = ["Base", "base_of", "family_config", "model_folder", "require_base", "speaking_plainly"]

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_SAMPLED_BYTES = 1 << 20
_FETCHED = ("*.json", "*.jinja", "*.txt", "*.model", "*.safetensors")


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The model that adapters belong to, by what it is rather than where.

    `weights_sha256`: of the first and the last MiB of its files: two models of one shape differ.
    """

    name: str
    config_sha256: str
    weights_sha256: str


def model_folder(model: ModelConfig) -> ModelLayout:
    """Return the folder that ``model.path`` names: a folder, or a hub id's local copy.

    Raises
    ------
    UsageError
        There is neither, and nothing may be fetched.
    DataError
        The folder lacks something, see `trainer.backbones.hf_folder`.
    UnfitError
        The hub cannot be reached, where it may be.
    """
    name = model.path or ""
    layout = ModelLayout(Path(name).expanduser())
    if not layout.root.is_dir():
        layout = ModelLayout(_of_hub(name, fetch=model.download))
    problem = folder_problem(layout)
    if problem is not None:
        raise problem
    return layout


def _of_hub(name: str, *, fetch: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    if not _HUB_ID.fullmatch(name) or Path(name).parent.is_dir():
        raise UsageError(
            "no such folder", where="model.path", found=name, remedy="give the folder of a model"
        )
    try:
        patterns = list(_FETCHED)
        return Path(snapshot_download(name, local_files_only=not fetch, allow_patterns=patterns))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        if fetch:
            raise _unreachable(name, error) from error
        raise UsageError(
            "neither a folder here nor a model in the hub's local cache",
            where="model.path",
            found=name,
            remedy="give the model's folder; nothing is fetched without model.download=true",
        ) from error
    except (HfHubHTTPError, OSError) as error:
        raise _unreachable(name, error) from error


def _unreachable(name: str, error: Exception) -> UnfitError:
    return UnfitError(
        f"the model cannot be fetched: {str(error).splitlines()[0]}",
        where=f"model.path: {name}",
        remedy="fetch it where there is a network, and give its folder",
    )


def family_config(folder: ModelLayout) -> dict[str, Any]:
    """Return what a model's own configuration says.

    Raises
    ------
    DataError
        It is no JSON object.
    """
    try:
        told = json.loads(folder.config.read_text("utf-8"))
    except ValueError as error:
        raise _damaged(folder, "not JSON") from error
    if not isinstance(told, dict):
        raise _damaged(folder, "not a JSON object")
    return told


def _damaged(folder: ModelLayout, what: str) -> DataError:
    where = f"model.path: {folder.root.name}/{folder.config.name}"
    return DataError(what, where=where, remedy="fetch the file anew")


def base_of(folder: ModelLayout, *, name: str | None = None) -> Base:
    """Return what a model is known by."""
    weights = hashlib.sha256()
    for path in folder.weights():
        with path.open("rb") as file:
            weights.update(file.read(_SAMPLED_BYTES))
            size = file.seek(0, 2)
            file.seek(max(0, size - _SAMPLED_BYTES))
            weights.update(file.read(_SAMPLED_BYTES))
            weights.update(str(size).encode())
    settings = json.dumps(family_config(folder), sort_keys=True).encode()
    return Base(
        name=name or folder.root.name,
        config_sha256=hashlib.sha256(settings).hexdigest(),
        weights_sha256=weights.hexdigest(),
    )


def require_base(folder: ModelLayout, known: Base) -> None:
    """Raise DataError where a folder does not hold the model that adapters belong to."""
    found = base_of(folder, name=known.name)
    if found != known:
        part = "configuration" if found.config_sha256 != known.config_sha256 else "weights"
        raise DataError(
            f"this is not the model that the run was trained on: its {part} differ",
            where=f"model.path: {folder.root.name}",
            expected=known.name,
            remedy="give the folder of that very model",
        )


@contextmanager
def speaking_plainly(folder: ModelLayout) -> Iterator[None]:
    """Turn what the library says of a folder that it cannot open into one line."""
    try:
        yield
    except GazekitError:
        raise
    except Exception as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise DataError(
            f"the model cannot be opened: {first}",
            where=f"model.path: {folder.root.name}",
            remedy="see that its files are whole, and of a family that trainer doctor knows",
        ) from error
