"""What does ``croissant.json`` say? Every table and column for machines, and how data came to be.

Croissant 1.1 (http://mlcommons.org/croissant/1.1) with the responsible-AI vocabulary
(http://mlcommons.org/croissant/RAI/1.0). One record set a table, from the one table of columns;
each shard with its SHA-256.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from gazekit.build.responsible import responsible_ai
from gazekit.model.column_types import IMAGE_TYPE
from gazekit.model.columns import HEATMAP_GRID, Column, columns_of
from gazekit.model.dataset import Dataset
from gazekit.model.files import sha256_file
from gazekit.model.schemas import COLUMNS_OF_STORED

__all__ = ["croissant_of"]

_Json = dict[str, object]
_PARQUET = "application/x-parquet"
_CONFORMS = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
_TERMS = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field",
    "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset",
    "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
_CONTEXT: _Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS},
}
_KEYS = {
    "keyframes": "keyframe_id",
    "sentences": "sentence_id",
    "fixations": "fixation_id",
    "readings": "reading_id",
    "images": "image_id",
}
_NUMBERS: dict[pa.DataType, str] = {
    pa.int16(): "cr:Int16",
    pa.int32(): "cr:Int32",
    pa.int64(): "cr:Int64",
    pa.uint8(): "cr:UInt8",
    pa.float32(): "cr:Float32",
    pa.float64(): "cr:Float64",
    pa.bool_(): "sc:Boolean",
    pa.string(): "sc:Text",
}


def croissant_of(dataset: Dataset) -> _Json:
    """Return the content of ``croissant.json`` for the tables that are there.

    What nobody has said of a dataset (its licence, its makers, when it was published) is absent;
    the section ``about`` of the build's configuration says it.
    """
    info = dataset.info
    about = info.config.get("about")
    return {
        "@context": dict(sorted(_CONTEXT.items())),
        "@type": "sc:Dataset",
        "conformsTo": list(_CONFORMS),
        "name": info.name,
        "description": (
            "Gaze of readers of radiographs, aligned to what they dictated and to the image."
        ),
        "version": f"{info.schema_version}.0",
        "dateCreated": info.created_at,
        "keywords": ["eye tracking", "radiology", "gaze"] + ["synthetic"] * info.simulated,
        "isLiveDataset": False,
        **_said(about if isinstance(about, dict) else {}),
        **responsible_ai(info),
        "distribution": [part for table in dataset.tables for part in _files(dataset, table)],
        "recordSet": [
            _record_set(table, info.heatmap_grid, info.counts) for table in dataset.tables
        ],
    }


def _said(about: Mapping[str, object]) -> _Json:
    """Return what the makers said of the dataset, and nothing that they did not."""
    names = {
        "license": "license",
        "url": "url",
        "citation": "citeAs",
        "published": "datePublished",
    }
    said: _Json = {term: about[key] for key, term in names.items() if about.get(key)}
    creators = about.get("creators")
    if isinstance(creators, Sequence) and creators:
        said["creator"] = [{"@type": "sc:Organization", "name": name} for name in creators]
    return said


def _files(dataset: Dataset, table: str) -> list[_Json]:
    """Return the shards of a table, each with its hash, and the set of them that is read."""
    shards: list[_Json] = [_file(path, dataset.root) for path in dataset.layout.shards(table)]
    whole: _Json = {
        "@type": "cr:FileSet",
        "@id": f"{table}-files",
        "name": f"{table}-files",
        "description": f"The shards of table {table}, one or more a split.",
        "encodingFormat": _PARQUET,
        "includes": f"data/{table}/*.parquet",
    }
    return [*shards, whole]


def _file(path: Path, root: Path) -> _Json:
    name = path.relative_to(root).as_posix()
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _PARQUET,
        "sha256": sha256_file(path),
    }


def _record_set(table: str, heatmap_grid: int, counts: Mapping[str, Mapping[str, int]]) -> _Json:
    columns = columns_of(
        COLUMNS_OF_STORED.get(table, table), heatmap_grid=heatmap_grid or HEATMAP_GRID
    )
    rows = sum(counts.get(table, {}).values())
    key = {"key": {"@id": f"{table}/{_KEYS[table]}"}} if table in _KEYS else {}
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": f"{rows} rows; see meta/schema.md.",
        **key,
        "field": [_field(table, column) for column in columns],
    }


def _field(table: str, column: Column) -> _Json:
    name = f"{table}/{column.name}"
    unit = f" [{column.unit}]" if column.unit else ""
    described: _Json = {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": f"{column.meaning}{unit}",
    }
    kind = column.type
    if kind == IMAGE_TYPE:
        source = _source(table, column.name, "bytes")
        shown = "sc:AudioObject" if table == "audio" else "sc:ImageObject"
        return {**described, "dataType": shown, "source": source}
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        shape = str(kind.list_size) if pa.types.is_fixed_size_list(kind) else "-1"
        described |= {"isArray": True, "arrayShape": shape}
        kind = kind.value_type
    if pa.types.is_struct(kind):
        inner = [kind.field(i) for i in range(kind.num_fields)]
        return {**described, "subField": [_part(table, column.name, field) for field in inner]}
    return {**described, "dataType": _NUMBERS[kind], "source": _source(table, column.name)}


def _part(table: str, column: str, field: pa.Field) -> _Json:
    name = f"{table}/{column}/{field.name}"
    return {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "dataType": _NUMBERS[field.type],
        "source": _source(table, column, field.name),
    }


def _source(table: str, column: str, inside: str | None = None) -> _Json:
    source: _Json = {"fileSet": {"@id": f"{table}-files"}, "extract": {"column": column}}
    return source if inside is None else {**source, "transform": {"jsonPath": inside}}
