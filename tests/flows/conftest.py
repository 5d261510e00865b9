"""What the flows share: a small simulated study, and the gazekit program run in this process."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from gazekit.build import Running, build
from gazekit.commands import main
from gazekit.image import write_display_png
from gazekit.model.layout import DatasetLayout
from gazekit.synthetic import StudyPlan, write_study


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve simulated readings in six sessions; never changed by a test."""
    root = tmp_path_factory.mktemp("study") / "study"
    plan = StudyPlan(readings=12, seed=7, readings_per_session=2, image_px=(256, 320))
    write_study(root, plan, write_png=write_display_png)
    return root


@pytest.fixture(scope="session")
def built_study(small_study: Path, tmp_path_factory: pytest.TempPathFactory) -> DatasetLayout:
    """Build the small study, its units beside the dataset; never changed by a test."""
    layout = DatasetLayout(tmp_path_factory.mktemp("built") / "dataset")
    result = build(small_study, layout.root, workers=1)
    assert result.exit_code == 0, result.excluded
    return layout


@pytest.fixture(scope="session")
def four_sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four readings in four sessions by two readers; never changed by a test."""
    root = tmp_path_factory.mktemp("four") / "study"
    plan = StudyPlan(readings=4, seed=5, readings_per_session=1, image_px=(128, 160), readers=2)
    write_study(root, plan, write_png=write_display_png)
    time.sleep(0.15)  # what has only just changed is read again
    return root


@pytest.fixture(scope="session")
def built_four(four_sessions: Path, tmp_path_factory: pytest.TempPathFactory) -> DatasetLayout:
    """Build the four sessions, their units beside the dataset; never changed by a test."""
    layout = DatasetLayout(tmp_path_factory.mktemp("built") / "dataset")
    build(four_sessions, layout.root, running=Running(executor="serial"))
    return layout


@pytest.fixture(scope="session")
def copied() -> Callable[[DatasetLayout, Path], Path]:
    """Return a function that copies a dataset with its units, so that a test may change it."""

    def copy(layout: DatasetLayout, root: Path) -> Path:
        shutil.copytree(layout.units, DatasetLayout(root).units)
        return Path(shutil.copytree(layout.root, root))

    return copy


@pytest.fixture
def gazekit(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Return a function that runs the program and gives its exit code and output."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        code = stop.value.code
        return Done(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def qt_app() -> object:
    """Give the one application of Qt, without a display; it must outlive every window."""
    widgets = pytest.importorskip(
        "PyQt6.QtWidgets", reason="the operator's windows need PyQt6, of the extra 'capture'"
    )
    return widgets.QApplication.instance() or widgets.QApplication([])
