"""``gazekit synth`` as it is typed: result on stdout, one line for a wrong setting."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def synth(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from gazekit.commands import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "synth", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_result_is_json_on_stdout_and_the_study_is_there(tmp_path: Path) -> None:
    out = tmp_path / "study"
    done = synth(str(out), "--readings", "2", "--seed", "4", "--image-px", "64x80", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["simulated"] is True
    assert record["complete"] is True
    assert record["plan"]["seed"] == 4
    assert len(list((out / "images").glob("*.dcm"))) == 2
    again = synth(str(out), "--readings", "2", "--seed", "5", "--image-px", "64x80")
    assert again.returncode == 2
    assert (
        again.stderr.strip().splitlines()[-1].startswith("error: study: the folder holds another")
    )


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--image-px", "big"), "--image-px: not a size"),
        (("--readings", "0"), "--readings: out of range"),
        (("--seed", "-1"), "--seed: out of range"),
    ],
)
def test_wrong_settings_are_one_line_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], what: str
) -> None:
    done = synth(str(tmp_path / "study"), *arguments)
    assert done.returncode == 2
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "study").exists()
