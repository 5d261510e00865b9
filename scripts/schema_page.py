"""Which columns and fields do the files have? Writes `docs/schema.md` from the data model.

Run it after a change of the model: `.venv/bin/python scripts/schema_page.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gazekit.model import records
from gazekit.model.columns import TABLES, Column
from gazekit.model.layout import DATASET_TABLES
from gazekit.model.schemas import COLUMNS_OF_STORED
from gazekit.model.version import SCHEMA_VERSION

PAGE = Path(__file__).resolve().parent.parent / "docs" / "schema.md"
_STORED = {columns: table for table, columns in COLUMNS_OF_STORED.items()}


def schema_page() -> str:
    """Return the page: tables of a dataset, other tables, and records of a session."""
    others = [name for name in TABLES if name not in DATASET_TABLES]
    lines = [
        "# Tables and records",
        "",
        f"Schema {SCHEMA_VERSION}. This page is made from `gazekit/model/columns.py` and",
        "`gazekit/model/records.py` by `scripts/schema_page.py`; a test holds it to them.",
        "`null`: whether the value may be absent. Coordinates are pixels; (0, 0) is the top-left",
        "corner of the top-left pixel.",
        "",
        "## Tables of a built dataset",
        "",
        *(line for name in DATASET_TABLES for line in _table(name)),
        "## Other tables",
        "",
        "Streams of a session folder, the files in `meta/`, and what a build adds on request.",
        "",
        *(line for name in others for line in _table(name)),
        "## Records of a session",
        "",
        "JSON objects in a session folder; [](architecture.md) says which file holds which.",
        "",
        *(line for name in sorted(records.__all__) for line in _record(name)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _table(name: str) -> Iterator[str]:
    title = f"{_STORED[name]} (of a dataset)" if name in _STORED else name
    yield from (
        f"### {title}",
        "",
        "| column | type | unit | null | meaning |",
        "|---|---|---|---|---|",
    )
    yield from (_row(column) for column in TABLES[name])
    yield ""


def _row(column: Column) -> str:
    null = "yes" if column.nullable else ""
    since = f" (since {column.since})" if column.since != "1.0" else ""
    meaning = column.meaning.replace("|", "\\|")
    return (
        f"| `{column.name}` | `{column.type}` | {column.unit or ''} | {null} | {meaning}{since} |"
    )


def _record(name: str) -> Iterator[str]:
    kind = getattr(records, name)
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return
    first = (kind.__doc__ or "").strip().splitlines()[0]
    yield from (f"### {name}", "", first, "", "| field | type | needed |", "|---|---|---|")
    for field in msgspec.structs.fields(kind):
        shown = _type_name(field.type).replace("|", "\\|")
        yield f"| `{field.encode_name}` | `{shown}` | {'yes' if field.required else ''} |"
    yield ""


def _type_name(kind: object) -> str:
    if isinstance(kind, type) and not getattr(kind, "__args__", None):
        return kind.__name__
    return str(kind).replace("gazekit.model.", "").replace("records.", "").replace("typing.", "")


if __name__ == "__main__":
    PAGE.write_text(schema_page(), "utf-8")
