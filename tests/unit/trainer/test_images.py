"""Is an image that does not decode named, and no half cache left?"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazekit.model.column_types import IMAGE_TYPE
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError
from trainer.imagecache import cached_images


def test_a_broken_image_is_named(make_dataset: Callable[..., Path], tmp_path: Path) -> None:
    root = make_dataset({"train": 2}, seed=9)
    (shard,) = open_dataset(root).shards("images", "train")
    table = pq.read_table(shard)
    broken = pa.array([{"bytes": b"no image", "path": ""}] * 2, IMAGE_TYPE)
    place = table.schema.get_field_index("image")
    pq.write_table(table.set_column(place, table.schema.field(place), broken), shard)
    with pytest.raises(DataError, match=r"img-000.*does not decode"):
        cached_images(open_dataset(root), "train", size_px=32, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
