"""Does a dataset with holes train, and say what it lacks?"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.config import load_config
from trainer.corpus import load_corpus, load_samples

Maker = Callable[..., Path]


def _edit(root: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    (path,) = open_dataset(root).shards(table, "train")
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)


def _without(table: pa.Table, column: str, rows: int) -> pa.Table:
    index = table.schema.get_field_index(column)
    values = table[column].to_pylist()
    holed = [None] * rows + values[rows:]
    return table.set_column(index, table.schema.field(index), pa.array(holed, table[column].type))


def test_nothing_is_said_of_a_whole_split_but_its_untimed_sentences(tiny_dataset: Path) -> None:
    samples, gaps = load_corpus(open_dataset(tiny_dataset), "train")
    assert len(samples) == 24
    assert str(gaps) == "24 of 72 sentences without gaze, masked"


def test_holes_are_counted_and_the_rest_trains(
    make_dataset: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_dataset({"train": 12, "validation": 2}, seed=3)
    _edit(root, "images", lambda t: _without(t.slice(2), "image", 3))  # 2 rows gone, 3 not embedded
    _edit(root, "keyframes", lambda t: t.slice(4))  # the gaze of two readings
    _edit(root, "sentences", lambda t: t.slice(0, t.num_rows - 3))  # the last one said nothing
    samples, gaps = load_corpus(open_dataset(root), "train")
    assert (gaps.no_image, gaps.no_sentence) == (2, 1)
    assert len(samples) == 9
    config = load_config(
        "nano-tasks",
        [
            f'data.path="{root}"',
            "model.width=16",
            "model.heads=2",
            "fit.batch=8",
            "fit.steps=3",
            "fit.threads=1",
        ],
    )
    result = fit.main(config, RunLayout(tmp_path / "run"))
    assert result.step == 3
    said = capsys.readouterr().err
    assert "2 readings of images that are not there" in said
    assert "sentences without gaze, masked" in said
    assert "3 of 9 train readings have no image" in said


def test_a_split_of_which_nothing_is_left_is_named(make_dataset: Maker) -> None:
    root = make_dataset({"train": 3}, seed=4)
    _edit(root, "sentences", lambda t: t.slice(0, 0))
    with pytest.raises(DataError, match="train split has no reading") as caught:
        load_samples(open_dataset(root), "train")
    assert "3 without a sentence" in str(caught.value)
    assert "\n" not in str(caught.value)
