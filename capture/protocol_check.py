"""Can this protocol be run: are its keys, its values, its rules and its images sound?"""

import csv
import io
from pathlib import Path

from capture.images import IMAGE_SUFFIXES
from gazekit.model.config_problems import ConfigProblem, config_problems, line_of
from gazekit.model.errors import GazekitError, ProblemsError
from gazekit.model.protocol import ImagePlan, Protocol, load_protocol

__all__ = ["protocol_problems", "sound_protocol"]

_MOST = 50


def protocol_problems(path: Path) -> list[ConfigProblem]:
    """Return everything that is wrong with a protocol file; [] when it can be run.

    Rules between keys and the images are looked at only where every key and value is sound.

    Raises
    ------
    UsageError
        The file is missing, or is not UTF-8 text.
    """
    found = config_problems(path, Protocol)
    if found:
        return found
    text = path.read_text("utf-8")
    try:
        protocol = load_protocol(path)
    except GazekitError as error:
        return [_problem(one, path.name, text) for one in _each(error)]
    return [
        ConfigProblem(key=key, what=what, line=line_of(text, key), remedy=remedy)
        for key, what, remedy in _image_problems(protocol.images, path.parent)
    ]


def sound_protocol(path: Path) -> Protocol:
    """Read a protocol that is to be run; its images are looked at where they are read.

    Raises
    ------
    UsageError, ProblemsError
        It is not sound; every fault is named with its line.
    """
    problems = [problem.as_error(path.name) for problem in config_problems(path, Protocol)]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ProblemsError(problems, where=path.name)
    return load_protocol(path)


def _each(error: GazekitError) -> tuple[GazekitError, ...]:
    return error.problems if isinstance(error, ProblemsError) else (error,)


def _problem(error: GazekitError, file: str, text: str) -> ConfigProblem:
    key = str(error.where or "").removeprefix(file).removeprefix(":").strip() or "protocol"
    details = [
        f"{name} {value}"
        for name, value in (("expected", error.expected), ("found", error.found))
        if value is not None
    ]
    what = error.what + (f" ({', '.join(details)})" if details else "")
    return ConfigProblem(key=key, what=what, line=line_of(text, key), remedy=error.remedy)


def _image_problems(plan: ImagePlan, base: Path) -> list[tuple[str, str, str | None]]:
    if plan.folder is not None:
        return _folder_problems(base / plan.folder)
    if plan.list is not None:
        return _list_problems(base / plan.list)
    return []


def _folder_problems(folder: Path) -> list[tuple[str, str, str | None]]:
    key, remedy = "images.folder", "The path is relative to the protocol file"
    if not folder.is_dir():
        return [(key, "no such folder of images", remedy)]
    if not any(
        path.suffix.lower() in IMAGE_SUFFIXES for path in folder.iterdir() if path.is_file()
    ):
        return [(key, "there are no images in the folder", "Put DICOM, PNG or JPEG files there")]
    return []


def _list_problems(path: Path) -> list[tuple[str, str, str | None]]:
    key = "images.list"
    if not path.is_file():
        return [(key, "no such list of images", "The path is relative to the protocol file")]
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return [(key, "the list of images is not UTF-8 text", "Save it as UTF-8")]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if "file" not in (reader.fieldnames or ()):
        return [(key, "the list of images has no column 'file'", "Columns: file,patient,study")]
    missing = [
        (key, f"{path.name} line {reader.line_num}: no such image file", "Paths are relative to it")
        for row in reader
        if not (path.parent / row["file"]).is_file()
    ]
    left = len(missing) - _MOST
    return missing[:_MOST] + ([(key, f"{left} more images are missing", None)] if left > 0 else [])
