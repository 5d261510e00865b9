"""How the programs answer: help, versions, unknown verbs, one-line errors, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from gazekit.model.version import DISCLAIMER, __version__

ROOT = Path(__file__).parents[3]
PROGRAMS = ("gazekit", "capture", "trainer")

STAND_IN = """
import sys, types, click
from gazekit.console import command_group
from gazekit.model.errors import *
module = types.ModuleType("standin.verb")
@click.command()
def command():
    {body}
module.command = command
sys.modules["standin"] = types.ModuleType("standin")
sys.modules["standin.verb"] = module
sys.argv = ["tool", *sys.argv[1:]]
command_group("tool", "Try.", "standin", {{"verb": "Do it."}})()
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


def stand_in(body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-c", STAND_IN.format(body=body), *arguments)


def program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-c", f"from {name}.commands import main; main()", *arguments)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_names_every_verb_and_the_disclaimer(name: str) -> None:
    done = program(name, "--help")
    assert done.returncode == 0
    assert DISCLAIMER in done.stdout
    folder = ROOT / name / "commands"
    for verb in sorted(path.stem for path in folder.glob("[a-z]*.py")):
        assert f"  {verb.replace('_', '-')} " in done.stdout, verb


@pytest.mark.parametrize("name", PROGRAMS)
def test_version_is_the_distribution_s(name: str) -> None:
    assert __version__ in program(name, "--version").stdout


def test_an_unknown_verb_suggests_the_near_one() -> None:
    done = program("gazekit", "biuld")
    assert done.returncode == 2
    assert "Did you mean 'build'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        ("UsageError", 2),
        ("DataError", 4),
        ("UnfitError", 5),
        ("GazekitError", 1),
        ("KeyboardInterrupt", 130),
    ],
)
def test_errors_are_one_line_with_their_exit_code(raised: str, code: int) -> None:
    done = stand_in(f"raise {raised}('it broke')", "verb")
    assert done.returncode == code
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_traceback_is_shown_only_when_asked_for() -> None:
    for arguments in (("--debug", "verb"), ("verb", "--debug")):
        assert "Traceback" in stand_in("raise DataError('it broke')", *arguments).stderr


def test_collected_problems_are_listed_one_a_line() -> None:
    body = "raise ProblemsError([DataError('first'), DataError('second')])"
    done = stand_in(body, "verb")
    assert done.stderr.splitlines() == ["error: first", "error: second"]
    assert done.returncode == 4


def test_a_verb_s_exit_code_is_the_program_s() -> None:
    assert stand_in("return 3", "verb").returncode == 3


def test_a_defect_is_one_line_that_does_not_repeat_its_words() -> None:
    done = stand_in("raise ValueError('Jane Doe')", "verb")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "unexpected ValueError" in done.stderr
    assert "Jane" not in done.stderr
    assert "Jane Doe" in stand_in("raise ValueError('Jane Doe')", "--debug", "verb").stderr


def test_a_full_disk_is_one_line_with_a_remedy() -> None:
    done = stand_in("raise OSError(28, 'No space left on device')", "verb")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: No space left on device. Make room on the disk, then type the same again"
    ]
