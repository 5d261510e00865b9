"""What is at a path, and what does it hold? _Facts for `gazekit show`, for any thing we write."""

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.image import read_image
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.layout import DatasetLayout, SessionLayout, StudyLayout
from gazekit.model.layout_runs import PredictionLayout, RunLayout
from gazekit.model.protocol import load_protocol
from gazekit.model.schemas import VERSION_KEY
from gazekit.model.session import read_session_record, readings_of
from gazekit.read import load_description
from gazekit.report.quality import limits_of, outside
from gazekit.report.raw import open_raw_session

__all__ = ["Holding", "holding_of", "is_dataset", "is_session"]

_Facts = dict[str, object]

_MOST_COLUMNS = 60
_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ""}
_QUALITY = ("data_loss", "largest_gap_us", "rms_s2s_deg", "accuracy_deg", "rate_hz")


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What a path is, and its facts in named groups."""

    kind: str
    name: str
    facts: dict[str, _Facts]


def holding_of(path: Path) -> Holding:
    """Say what `path` is and what it holds.

    Raises
    ------
    UsageError
        Nothing is there, or nothing that we know.
    DataError
        It is ours, but damaged.
    """
    if not path.exists():
        raise UsageError("no such file or folder", where=path.name or path, remedy="check the path")
    for knows, says in _KINDS:
        if knows(path):
            return says(path)
    raise UsageError(
        "nothing that can be shown",
        where=path.name,
        expected="a session, study, dataset or run folder, a Parquet file of a dataset, a DICOM "
        "or PNG image, a protocol or a source description (.toml)",
        remedy="see: gazekit show --help",
    )


def is_session(path: Path) -> bool:
    """Tell whether `path` is a raw session folder."""
    return SessionLayout(path).session.is_file()


def is_dataset(path: Path) -> bool:
    """Tell whether `path` is a built dataset."""
    return DatasetLayout(path).info.is_file()


def _session(path: Path) -> Holding:
    raw = open_raw_session(path)
    record, signal = raw.record, raw.signal
    outcomes = Counter(reading.outcome for reading in raw.readings)
    accepted = raw.accepted
    gap = signal.largest_gap_us
    return Holding(
        kind="session",
        name=path.name,
        facts={
            "session": {
                "reader": record.reader.reader_id,
                "protocol": record.protocol,
                "closed": record.closed,
                "recovered": record.recovered,
                "simulated": record.simulated or record.tracker.simulated,
                "duration_s": raw.duration_us / 1e6,
            },
            "holds": {
                "readings": len(raw.readings),
                **{f"readings_{outcome}": n for outcome, n in sorted(outcomes.items())},
                "images": len(raw.images),
                "view_states": len(raw.views),
                "words": len(raw.words),
                "samples": int(signal.time_us.size),
            },
            "quality": {
                "tracker": record.tracker.kind,
                "nominal_rate_hz": record.tracker.rate_hz,
                "rate_hz": signal.rate_hz,
                "data_loss": signal.loss,
                "largest_gap_ms": None if gap is None else gap / 1000,
                "accuracy_deg": accepted.accuracy_deg if accepted else None,
                "clock_residual_us": raw.clock.median_us if raw.clock else None,
            },
        },
    )


def _dataset(path: Path) -> Holding:
    dataset = open_dataset(path)
    columns = ("reading_id", "reader_id", "patient_id", "duration_us", *_QUALITY)
    readings = dataset.table("readings", columns=columns).to_pylist()
    limits = limits_of(dataset.info.config)
    beyond = sum(bool(outside(reading, limits)) for reading in readings)
    labels: Counter[str] = Counter()
    for batch in dataset.batches("keyframes", columns=["labels"]):
        labels.update(batch.column("labels").flatten().to_pylist())
    patients = {r["patient_id"] for r in readings} - {None}
    return Holding(
        kind="dataset",
        name=dataset.info.name,
        facts={
            "dataset": {
                "schema_version": dataset.info.schema_version,
                "fingerprint": dataset.info.fingerprint[:16],
                "simulated": dataset.info.simulated,
                "readers": len({r["reader_id"] for r in readings}),
                "patients": len(patients),
                "gaze_minutes": sum(r["duration_us"] for r in readings) / 60e6,
                "exclusions": dataset.info.exclusions,
                "readings_outside_limits": beyond,
            },
            "rows": {table: dataset.count(table) for table in sorted(dataset.info.counts)},
            "readings by split": {s: dataset.count("readings", s) for s in dataset.splits},
            "quality, median": _medians(readings),
            "key frames by finding": dict(labels.most_common()),
        },
    )


def _parquet(path: Path) -> Holding:
    try:
        with pq.ParquetFile(path) as file:
            schema, meta = file.schema_arrow, file.metadata
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError("not a whole Parquet file", where=path.name) from error
    version = (schema.metadata or {}).get(VERSION_KEY)
    shown = {schema.field(i).name: str(schema.field(i).type) for i in range(len(schema))}
    return Holding(
        kind="table",
        name=path.name,
        facts={
            "table": {
                "rows": meta.num_rows,
                "row_groups": meta.num_row_groups,
                "columns": len(schema),
                "bytes": path.stat().st_size,
                "schema_version": version.decode() if version else None,
            },
            "columns": dict(list(shown.items())[:_MOST_COLUMNS]),
        },
    )


def _image(path: Path) -> Holding:
    record = read_image(path).record
    facts = {name: getattr(record, name) for name in record.__struct_fields__}
    facts["sha256"] = record.sha256[:16]
    return Holding(kind="image", name=path.name, facts={"image": facts})


def _run(path: Path) -> Holding:
    run = RunLayout(path)
    lines = run.metrics.read_bytes().splitlines() if run.metrics.is_file() else []
    last: _Facts = {}
    for line in lines:
        try:
            last |= msgspec.json.decode(line, type=dict[str, float])
        except msgspec.DecodeError:
            break
    groups: dict[str, _Facts] = {
        "run": {
            "best": run.best.read_text("utf-8").strip() if run.best.is_file() else None,
            "last": run.last.read_text("utf-8").strip() if run.last.is_file() else None,
            "checkpoints": len(list(path.glob("step-*"))),
            "measurements": len(lines),
            "predictions": len(list(run.predictions.glob("*"))) if run.predictions.is_dir() else 0,
        },
        "newest measurements": last,
    }
    if run.evaluation.is_file():
        scored = _json(run.evaluation)
        figures = scored.get("figures")
        groups["evaluation"] = {k: v for k, v in scored.items() if isinstance(v, str | int | bool)}
        if isinstance(figures, dict):
            groups["figures"] = {
                name: f["value"] if isinstance(f, dict) and "value" in f else f
                for name, f in figures.items()
            }
        groups["evaluation"].pop("disclaimer", None)
    return Holding(kind="run", name=path.name, facts=groups)


def _study(path: Path) -> Holding:
    study = StudyLayout(path)
    sessions = sorted(p for p in study.sessions.glob(f"{SessionLayout.PREFIX}*") if p.is_dir())
    facts: _Facts = {
        k: v for k, v in _json(study.study).items() if isinstance(v, str | int | float | bool)
    }
    images = sum(p.is_file() for p in study.images.glob("*")) if study.images.is_dir() else 0
    tables = sorted(p.stem for p in study.truth.glob("*.parquet"))
    holds: _Facts = {"sessions": len(sessions), "image_files": images, "truth": ", ".join(tables)}
    return Holding(kind="study", name=path.name, facts={"study": facts, "holds": holds})


def _prediction(path: Path) -> Holding:
    facts = _json(PredictionLayout(path).prediction)
    sentences = facts.get("sentences")
    shown: _Facts = {k: v for k, v in facts.items() if isinstance(v, str | int | float | bool)}
    if isinstance(sentences, list):
        shown["sentences"] = len(sentences)
    return Holding(kind="prediction", name=path.name, facts={"prediction": shown})


def _description(path: Path) -> Holding:
    description = load_description(path)
    screen = description.screen
    return Holding(
        kind="source description",
        name=path.name,
        facts={
            "source": {
                "kind": description.source.kind,
                "simulated": description.source.simulated,
                "readings": len(description.reading),
                "readers": len({entry.reader for entry in description.reading}),
                "images": len({entry.image for entry in description.reading}),
                "missing_files": sum(
                    not (path.parent / name).is_file()
                    for entry in description.reading
                    for name in (entry.recording, entry.image)
                ),
            },
            "screen": {name: getattr(screen, name) for name in screen.__struct_fields__},
        },
    )


def _protocol(path: Path) -> Holding:
    protocol = load_protocol(path)
    plan = protocol.images
    facts: _Facts = {
        "title": protocol.title,
        "version": protocol.version,
        "images": plan.list or plan.folder or f"{plan.synthetic} synthetic",
        "order": plan.order,
        "steps": ", ".join(step.code for step in protocol.steps) or None,
        "dictation": protocol.reading.dictation,
        "calibration_points": protocol.calibration.points,
        "max_accuracy_deg": protocol.calibration.max_accuracy_deg,
    }
    screen = {name: getattr(protocol.screen, name) for name in protocol.screen.__struct_fields__}
    return Holding(kind="protocol", name=path.name, facts={"protocol": facts, "screen": screen})


def _is_protocol(path: Path) -> bool:
    """Tell a protocol by its images from a source description."""
    if path.suffix != ".toml" or not path.is_file():
        return False
    lines = {line.strip() for line in path.read_text("utf-8", "replace").splitlines()}
    return "[images]" in lines and "[source]" not in lines


def _folders(path: Path) -> list[Path]:
    return sorted(p for p in path.glob(f"{SessionLayout.PREFIX}*") if is_session(p))


def _sessions(path: Path) -> Holding:
    listed: _Facts = {folder.name: _listed(folder) for folder in _folders(path)}
    return Holding(kind="sessions", name=path.resolve().name, facts={"sessions": listed})


def _listed(folder: Path) -> str:
    """Say in one line what a session is; a damaged one does not hide the others."""
    try:
        record, readings = read_session_record(folder), readings_of(folder)
    except GazekitError as error:
        return f"damaged: {error}"
    complete = sum(reading.outcome == "complete" for reading in readings)
    state = "closed" if record.closed else "not closed"
    return f"{record.reader.reader_id}, {complete} of {len(readings)} readings complete, {state}"


def _json(path: Path) -> _Facts:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except msgspec.DecodeError as error:
        raise DataError(f"damaged: {error}", where=f"{path.parent.name}/{path.name}") from error


def _medians(readings: list[_Facts]) -> _Facts:
    found: _Facts = {name: _median(readings, name) for name in _QUALITY}
    gap = _median(readings, "largest_gap_us")
    found["largest_gap_ms"] = None if gap is None else gap / 1000
    del found["largest_gap_us"]
    return found


def _median(rows: list[_Facts], name: str) -> float | None:
    found = (row[name] for row in rows)
    values = sorted(float(v) for v in found if isinstance(v, int | float) and math.isfinite(v))
    return values[len(values) // 2] if values else None


def _is_run(path: Path) -> bool:
    run = RunLayout(path)
    return run.config.is_file() and (run.metrics.is_file() or run.last.is_file())


_KINDS: tuple[tuple[Callable[[Path], bool], Callable[[Path], Holding]], ...] = (
    (is_session, _session),
    (is_dataset, _dataset),
    (_is_run, _run),
    (lambda path: StudyLayout(path).study.is_file(), _study),
    (lambda path: PredictionLayout(path).prediction.is_file(), _prediction),
    (lambda path: path.is_file() and path.suffix == ".parquet", _parquet),
    (lambda path: bool(_folders(path)), _sessions),
    (_is_protocol, _protocol),
    (lambda path: path.is_file() and path.suffix == ".toml", _description),
    (lambda path: path.is_file() and path.suffix.lower() in _PICTURES, _image),
)
