"""Do the packages of a run fit each other? Each fault as one line, said by doctor and run alike."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from gazekit.model.errors import GazekitError, UnfitError

__all__ = [
    "PACKAGES",
    "installed",
    "package_problem",
    "require_hf",
    "told",
    "torchvision_problem",
    "tried",
]

_Version = tuple[int, ...]

PACKAGES: dict[str, tuple[_Version, _Version | None, str]] = {
    "torch": ((2, 6), None, "train"),
    "safetensors": ((0, 5), None, "train"),
    "tokenizers": ((0, 21), None, "train"),
    "transformers": ((5, 3), (6,), "hf"),
    "peft": ((0, 18), None, "hf"),
    "onnx": ((1, 18), None, "onnx"),
    "onnxruntime": ((1, 20), None, "onnx"),
    "tensorboard": ((2, 18), None, "tensorboard"),
}
"""The oldest version of each package, the first that is too new, and the extra that has it."""

_PATIENCE_S = 120


def require_hf(*, lora: bool) -> None:
    """Raise UnfitError where this machine cannot run a model of the Hugging Face library.

    To be called before transformers is imported: where torchvision does not fit torch, that import
    fails with many lines that do not say so.

    Parameters
    ----------
    lora
        Whether adapters are wanted, which take peft.
    """
    names = ["transformers", *(["peft"] if lora else [])]
    for problem in (*map(package_problem, names), torchvision_problem()):
        if problem is not None:
            raise problem


def package_problem(name: str) -> UnfitError | None:
    """Return what is wrong with a package of `PACKAGES`, or None."""
    least, too_new, extra = PACKAGES[name]
    found = installed(name)
    limits = ">= " + ".".join(map(str, least)) + ("" if too_new is None else f", < {too_new[0]}")
    remedy = f"install it: pip install 'gazekit[{extra}]'"
    if found is None:
        return UnfitError("not installed", where=name, expected=limits, remedy=remedy)
    if _numbers(found) < least:
        return UnfitError("too old", where=name, expected=limits, found=found, remedy=remedy)
    if too_new is not None and _numbers(found) >= too_new:
        return UnfitError("too new", where=name, expected=limits, found=found, remedy=remedy)
    return None


def torchvision_problem() -> UnfitError | None:
    """Return that torchvision does not fit torch, where it is installed and does not."""
    found = installed("torchvision")
    if found is None:
        return None
    problem = tried("import torchvision; import torch; torch.ops.torchvision.nms")
    if problem is None:
        return None
    return UnfitError(
        "does not fit torch, and breaks transformers",
        where="torchvision",
        found=f"{found} beside torch {installed('torch')}: {problem}",
        remedy="remove it, it is not needed: pip uninstall torchvision",
    )


def told(problem: GazekitError) -> str:
    """Return a problem's line without where it is and what to do, which stand in their columns."""
    return str(GazekitError(problem.what, expected=problem.expected, found=problem.found))


def installed(name: str) -> str | None:
    """Return the version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def tried(code: str) -> str | None:
    """Run code in a Python of its own; return the last line of what it complains of."""
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and code of this package
            [sys.executable, "-c", code],
            check=False,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_PATIENCE_S} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def _numbers(text: str) -> _Version:
    parts = text.split("+", maxsplit=1)[0].split(".")
    return tuple(int(part) for part in parts[:2] if part.isdigit())
