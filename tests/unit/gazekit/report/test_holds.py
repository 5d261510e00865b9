"""Does `gazekit show` say what a path holds, and draw it?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from gazekit.commands.show import command
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import UsageError
from gazekit.report.holds import holding_of

PROTOCOLS = Path(__file__).resolve().parents[4] / "protocols"


def _show(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def test_session_is_told_by_its_counts(make_session: Callable[..., Path]) -> None:
    held = holding_of(make_session())
    assert held.kind == "session"
    assert held.facts["holds"]["readings_complete"] == 2
    assert held.facts["holds"]["samples"] == 3000
    assert held.facts["quality"]["accuracy_deg"] == pytest.approx(0.4)
    assert held.facts["session"]["simulated"] is True


def test_dataset_is_told_by_its_counts(make_dataset: Callable[..., Path]) -> None:
    root = make_dataset(readings=5)
    facts = json.loads(_show(root, "--json").stdout)["facts"]
    dataset = open_dataset(root)
    assert facts["rows"] == {t: dataset.count(t) for t in dataset.info.counts}
    assert facts["readings by split"] == {"train": 3, "validation": 1, "test": 1}
    assert facts["dataset"]["readings_outside_limits"] == 1
    assert facts["key frames by finding"] == {"Lung Opacity": 5}


def test_table_and_image_are_told_by_what_they_hold(
    make_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    shard = open_dataset(make_dataset()).shards("readings", "train")[0]
    assert holding_of(shard).facts["table"]["rows"] == 2
    picture = tmp_path / "x.png"
    Image.fromarray(np.arange(200, dtype=np.uint8).reshape(10, 20)).save(picture)
    facts = holding_of(picture).facts["image"]
    assert (facts["width_px"], facts["height_px"]) == (20, 10)


def test_a_protocol_is_told_from_a_source_description() -> None:
    held = holding_of(PROTOCOLS / "cxr_abcdef.toml")
    assert held.kind == "protocol"
    assert held.facts["protocol"]["steps"] == "A, B, C, D, E, F"


def test_a_folder_of_sessions_lists_them(make_session: Callable[..., Path]) -> None:
    root = make_session()
    damaged = root.with_name("ses-b")
    shutil.copytree(root, damaged)
    (damaged / "session.json").write_text("{")
    held = holding_of(root.parent)
    assert held.kind == "sessions"
    assert held.facts["sessions"][root.name] == "R01, 2 of 2 readings complete, closed"
    assert str(held.facts["sessions"]["ses-b"]).startswith("damaged")


@pytest.mark.parametrize("name", ["not-there", "notes.txt"])
def test_what_cannot_be_shown_is_one_line_with_a_remedy(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a note")
    with pytest.raises(UsageError) as caught:
        holding_of(tmp_path / name)
    assert name in str(caught.value)
    assert caught.value.remedy


def test_text_output_names_kind_and_units(make_session: Callable[..., Path]) -> None:
    told = _show(make_session()).stdout
    assert "session" in told
    assert "nominal rate (Hz)" in told
    assert "3,000" in told


@pytest.mark.parametrize("kind", ["session", "dataset"])
def test_plot_draws_the_first_reading(
    kind: str,
    make_session: Callable[..., Path],
    make_dataset: Callable[..., Path],
    tmp_path: Path,
) -> None:
    root = make_session() if kind == "session" else make_dataset()
    out = tmp_path / "plot.png"
    assert _show(root, "--plot", out).exit_code == 0
    with Image.open(out) as picture:
        picture.load()
        assert min(picture.size) > 500
        assert np.asarray(picture.convert("L")).std() > 5


def test_plot_of_an_unknown_reading_names_a_near_one(
    make_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="ses-a-001"):
        _show(make_dataset(), "--plot", tmp_path / "p.png", "--reading", "ses-a-0011")
    assert not (tmp_path / "p.png").exists()
