"""Do the data model and `--help` load without the heavy libraries?"""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "datasets",
    "matplotlib",
    "pandas",
    "peft",
    "psychopy",
    "pyglet",
    "scipy",
    "sounddevice",
    "torch",
    "transformers",
}
REPORT = (
    "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
)


def _loaded_by(statements: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after the statements."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statements}\n{REPORT}"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_data_model_loads_light() -> None:
    loaded = _loaded_by(
        "import importlib, pkgutil\n"
        "import gazekit.model as model\n"
        "for module in pkgutil.iter_modules(model.__path__, 'gazekit.model.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    assert {"gazekit", "msgspec", "numpy", "pyarrow"} <= loaded
    assert loaded & (HEAVY | {"click", "jinja2", "PIL", "pydicom", "rich"}) == set()


@pytest.mark.parametrize("package", ["capture", "gazekit", "trainer"])
def test_help_loads_light(package: str) -> None:
    loaded = _loaded_by(
        f"from {package}.commands import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code, stop.code\n"
    )
    assert package in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("package", ["capture", "gazekit", "trainer"])
def test_help_names_its_program(package: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from {package}.commands import main; main(['--help'])"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout
    assert done.stderr == ""
