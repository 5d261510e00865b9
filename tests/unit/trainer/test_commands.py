"""Do the commands do what they say, and answer a mistake with one line?"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from gazekit.model.layout_runs import RunLayout
from trainer.commands import main

SMALL = ("model.width=32", "model.heads=2", "fit.steps=4", "fit.batch=4", "fit.threads=1")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def trainer(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the program in this process: exit code, stdout, stderr."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make an empty folder the one that the program runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _sets(*settings: str) -> list[str]:
    return [part for setting in settings for part in ("--set", setting)]


def test_fit_evaluate_predict(trainer: Run, tiny_dataset: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    arguments = ("--data", tiny_dataset, "--out", run, "--json", *_sets(*SMALL))
    code, out, err = trainer("fit", "nano", *arguments)
    assert code == 0, err
    result = json.loads(out)
    assert (result["step"], result["steps"], result["simulated"]) == (4, 4, True)
    assert "readings/s" in err

    code, out, err = trainer("evaluate", run, "--json")
    assert code == 0, err
    assert json.loads(out) == json.loads(RunLayout(run).evaluation.read_text("utf-8"))
    code, out, _ = trainer("evaluate", run)
    assert "8 synthetic readings of 8 patients" in out

    code, out, _ = trainer("fit", "--resume", run, "--json", "--set", "fit.steps=6")
    assert json.loads(out)["step"] == 6

    picture = tmp_path / "x.png"
    Image.new("L", (50, 60), 90).save(picture)
    code, out, err = trainer("predict", run, picture, "--out", tmp_path / "p", "--json")
    # Six steps may be too few for a single word; then the command says so.
    assert code in {0, 4}, err
    assert (code == 0) == (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("fit", "nani"), 2, "Did you mean 'nano'?"),
        (("fit",), 2, "trainer fit nano"),
        (("fit", "nano"), 2, "--data"),
        (("fit", "nano", "--set", "fit.stps=1"), 2, "Did you mean 'steps'?"),
        (("fit", "nano", "--data", "absent"), 4, "gazekit build"),
        (("fit", "--resume", "absent"), 4, "no training run"),
        (("fit", "nano", "--resume", "absent"), 2, "--set"),
        (("evaluate", "absent"), 4, "trainer fit nano"),
        (("predict", "absent", "x.png"), 4, "trainer fit nano"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_line_with_a_remedy(
    trainer: Run, empty_folder: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    found, out, err = trainer(*arguments)
    assert found == code
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
    assert list(empty_folder.iterdir()) == [], "nothing is left behind"


@pytest.mark.parametrize("verb", ["fit", "evaluate", "predict"])
def test_help_does_not_load_torch(verb: str) -> None:
    code = (
        "import sys; from trainer.commands import main\n"
        f"try: main(['{verb}', '--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'matplotlib', 'scipy', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
