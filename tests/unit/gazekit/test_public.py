"""Is the public API there, and light until it is used?"""

import subprocess
import sys

import pytest

import gazekit


def test_every_public_name_is_callable() -> None:
    for name in gazekit.__all__:
        assert callable(getattr(gazekit, name))
    assert set(gazekit.__all__) <= set(dir(gazekit))


@pytest.mark.parametrize(
    "first",
    ["import gazekit", "import gazekit.build", "from gazekit.build import BuildConfig"],
)
def test_build_can_be_called_whatever_was_imported_before(first: str) -> None:
    code = f"{first}\nimport gazekit\nfrom gazekit import build\nbuild('nowhere', 'here')"
    for call in (code, code.replace("build('nowhere'", "gazekit.build('nowhere'")):
        done = subprocess.run([sys.executable, "-c", call], check=False, capture_output=True)
        assert b"UsageError: nowhere: no such file or folder" in done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="biuld"):
        gazekit.biuld  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import gazekit, sys; print(sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "numpy" not in done.stdout
    assert "pyarrow" not in done.stdout
