"""How are thousands of synthetic sessions made in minutes? A few are simulated, others copy them.

Four simulated readings are joined to one of up to 60 s, shown their first image; a session holds
five of these, under names of its own, the gaze of each moved by less than 1 % of the screen.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from gazekit.image import write_display_png
from gazekit.model.files import write_checksums
from gazekit.model.layout import SessionLayout, StudyLayout
from gazekit.model.schemas import schema_of
from gazekit.model.stream import read_stream
from gazekit.synthetic import StudyPlan, write_study

READINGS_A_SESSION = 5
TEMPLATES = 24
JOINED = 4
PAUSE_US = 2_000_000
TIMES = ("time_us", "onset_us", "offset_us", "input_us")
READERS = 8
SAID = 500
"""Progress is said after so many readings."""

Line = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One reading of 60 s; times from its onset."""

    folder: Path
    image: Line
    samples: pa.Table
    views: list[Line]
    words: list[Line]
    findings: list[Line]

    @classmethod
    def of(cls, folder: Path, length_us: int) -> "Template":
        """Join the readings of a simulated session."""
        layout = SessionLayout(folder)
        images = msgspec.json.decode(layout.images.read_bytes())
        events = _lines(layout.events)
        start = min(e["time_us"] for e in events if e["kind"] == "reading_start")
        name = images[0]["image_id"]
        samples = read_stream(layout.samples(0), "raw_samples")
        time = samples.column("system_time_us").to_numpy() - start
        held = samples.filter(pa.array((time >= 0) & (time < length_us)))
        views = [
            {**view, "image_id": view["image_id"] and name} for view in _lines(layout.view_states)
        ]
        words = [{**w, "index": i} for i, w in enumerate(_lines(layout.transcript))]
        return cls(
            folder=folder,
            image=images[0],
            samples=_moved(held, -start, (0.0, 0.0)),
            views=[v for v in _shifted(views, -start) if 0 <= v["time_us"] < length_us],
            words=[w for w in _shifted(words, -start) if w["offset_us"] < length_us],
            findings=_lines(layout.annotations)[:1],
        )


class StudyCopies:
    """Sessions under a folder; those that are there are taken over by a larger study."""

    def __init__(self, root: Path, length_us: int) -> None:
        self._root, self._length_us = root, length_us
        study = root / "templates"
        plan = StudyPlan(
            readings=TEMPLATES * JOINED,
            seed=11,
            readings_per_session=JOINED,
            image_px=(512, 640),
            image_format="png",
        )
        write_study(study, plan, write_png=write_display_png, workers=2)
        folders = sorted(StudyLayout(study).sessions.glob(f"{SessionLayout.PREFIX}*"))
        self._templates = [Template.of(folder, length_us) for folder in folders]

    def make(self, readings: int, say: Callable[[str], None] = lambda _line: None) -> Path:
        """Return a folder with the sessions of so many readings."""
        parent = self._root / f"sessions-{readings}-{self._length_us // 1_000_000}"
        if parent.exists():
            return parent
        growing = parent.with_name(f"{parent.name}.part")
        shutil.rmtree(growing, ignore_errors=True)
        for number in range(-(-readings // READINGS_A_SESSION)):
            first = number * READINGS_A_SESSION
            count = min(READINGS_A_SESSION, readings - first)
            known = self._templates
            chosen = [known[(first + k) % len(known)] for k in range(count)]
            _write_session(growing, number, chosen, self._length_us)
            if first and first % SAID == 0:
                say(f"{first} of {readings} readings made")
        growing.rename(parent)
        return parent


def _write_session(parent: Path, number: int, chosen: list[Template], length_us: int) -> None:
    chance = random.Random(number)  # noqa: S311 - no secret
    name = f"bench{number:05d}"
    layout = SessionLayout.under(parent, name)
    layout.image_folder.mkdir(parents=True)
    source = SessionLayout(chosen[0].folder)
    for path in (source.protocol, source.log, source.audit, source.calibrations):
        shutil.copyfile(path, layout.root / path.name)
    session = msgspec.json.decode(source.session.read_bytes())
    session["session_id"] = name
    session["reader"]["reader_id"] = f"R{number % READERS + 1:02d}"
    layout.session.write_bytes(msgspec.json.encode(session))
    images: dict[str, Line] = {}
    lines: dict[Path, list[Line]] = {
        path: []
        for path in (layout.events, layout.view_states, layout.transcript, layout.annotations)
    }
    parts = []
    for order, one in enumerate(chosen):
        image_id, reading = one.image["image_id"], f"{name}-{order:03d}"
        if image_id not in images:
            shutil.copyfile(SessionLayout(one.folder).image(image_id), layout.image(image_id))
        images[image_id] = one.image
        start = 20_000_000 + order * (length_us + PAUSE_US)
        lines[layout.events] += _marks(reading, image_id, order, (start, start + length_us))
        named = {"reading_id": reading}
        lines[layout.view_states] += [{**v, **named} for v in _shifted(one.views, start)]
        lines[layout.transcript] += [{**w, **named} for w in _shifted(one.words, start)]
        lines[layout.annotations] += [{**f, **named} for f in one.findings]
        offset = (chance.uniform(-0.01, 0.01), chance.uniform(-0.01, 0.01))
        parts.append(_moved(one.samples, start, offset))
    layout.images.write_bytes(msgspec.json.encode(list(images.values())))
    for path, rows in lines.items():
        path.write_bytes(msgspec.json.Encoder().encode_lines(rows))
    with pa.ipc.new_stream(str(layout.samples(0)), schema_of("raw_samples")) as writer:
        writer.write_table(pa.concat_tables(parts), max_chunksize=120)
    write_checksums(layout.root)


def _marks(reading: str, image_id: str, order: int, span: tuple[int, int]) -> list[Line]:
    begun = {"reading_id": reading, "image_id": image_id, "order": order}
    ended = {"reading_id": reading, "outcome": "complete"}
    return [
        {"time_us": span[0], "kind": "reading_start", "duration_us": None, "value": begun},
        {"time_us": span[1], "kind": "reading_end", "duration_us": None, "value": ended},
    ]


def _shifted(rows: list[Line], by_us: int) -> list[Line]:
    return [
        {k: v + by_us if k in TIMES and v is not None else v for k, v in row.items()}
        for row in rows
    ]


def _moved(samples: pa.Table, by_us: int, by_norm: tuple[float, float]) -> pa.Table:
    """Move samples in time, and their gaze on the screen."""
    for name in samples.column_names:
        index = samples.column_names.index(name)
        values = samples.column(name).to_numpy()
        if name in {"device_time_us", "system_time_us", "received_us"}:
            moved = values + by_us
        elif name.endswith("_norm"):
            moved = values + by_norm["_y_" in name]
        else:
            continue
        field = samples.schema.field(name)
        samples = samples.set_column(index, field, pa.array(np.asarray(moved), field.type))
    return samples


def _lines(path: Path) -> list[Line]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line]
