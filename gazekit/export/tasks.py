"""How do the pretraining tasks leave for other trainers? Chat JSON, images, frames as PNG.

::

    DATASET --> samples --> images/*.png  frames/<reading>/*.png  <task>-<split>.json[l]
                                                        --> README.md export.json --> rename
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from gazekit.export.frames import sigma_deg_of
from gazekit.export.task_formats import (
    Format,
    Shown,
    chat_record,
    llamafactory_info,
    llamafactory_record,
)
from gazekit.export.task_media import Media, copy_images
from gazekit.export.task_readme import readme_text
from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.files import fsync_folder, held, write_bytes, write_json
from gazekit.model.layout_outputs import TaskExportLayout
from gazekit.model.templates import TASKS, TEMPLATE_VERSION, Task
from gazekit.tasks import ReadingRows, Sample, TaskOptions, samples_of

__all__ = ["TaskExport", "TaskRecipe", "check_tasks", "export_tasks"]

_Progress = Callable[[int], None]
_KINDS: dict[Format, str] = {"llamafactory": "json", "chat": "jsonl"}


class TaskRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides an export: kept beside it, and what a resumed one must agree with."""

    format: Format
    dataset: str
    fingerprint: str
    simulated: bool
    template_version: str
    options: TaskOptions


class TaskExport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. `counts`: samples by task and split; `left_out`: without their image."""

    out: str
    counts: dict[str, dict[str, int]]
    images: int
    frames: int
    left_out: int


def check_tasks(text: str | None) -> tuple[Task, ...]:
    """Return the tasks of a comma-separated list; all where None.

    Raises
    ------
    UsageError
        One does not exist.
    """
    if text is None:
        return TASKS
    names = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in TASKS:
            raise UsageError(
                "no such task",
                expected=", ".join(TASKS),
                found=name,
                remedy=did_you_mean(name, TASKS),
            )
    if not names:
        raise UsageError("no task was named", expected=", ".join(TASKS))
    return tuple(task for task in TASKS if task in names)


def export_tasks(
    dataset: Dataset,
    out: Path,
    *,
    form: Format,
    options: TaskOptions,
    progress: _Progress | None = None,
) -> TaskExport:
    """Write the samples of a dataset for another trainer; the folder is whole or absent.

    `progress` is called with 1 for each reading. An export that was cut goes on where it was, when
    dataset, templates and options are the same.

    Raises
    ------
    UsageError
        OUT exists.
    DataError
        No sample is left, a patient stands in two splits, or the dataset holds no clusters.
    """
    final = TaskExportLayout(out)
    if out.exists():
        raise UsageError(
            "the folder exists already", where=out.name, remedy="choose another, or remove it"
        )
    if not out.parent.is_dir():
        raise UsageError("no such folder", where=out.parent.name, remedy="make it, or check --out")
    _refuse_shared_patients(dataset)
    recipe = TaskRecipe(
        format=form,
        dataset=dataset.info.name,
        fingerprint=dataset.info.fingerprint,
        simulated=dataset.info.simulated,
        template_version=TEMPLATE_VERSION,
        options=options,
    )
    layout = TaskExportLayout(final.growing)
    with held(layout.root, where=out.name):
        _resume(layout, recipe)
        made = _write(dataset, layout, recipe, progress=progress or (lambda _count: None))
        layout.root.replace(out)
        fsync_folder(out.parent)
    return msgspec.structs.replace(made, out=str(out))


def _refuse_shared_patients(dataset: Dataset) -> None:
    home: dict[str, str] = {}
    for batch in dataset.batches("readings", columns=["patient_id", "split"]):
        for row in batch.to_pylist():
            name, split = row["patient_id"], row["split"]
            if name is not None and home.setdefault(name, split) != split:
                raise DataError("a patient stands in two splits", where=dataset.root.name)


def _resume(layout: TaskExportLayout, recipe: TaskRecipe) -> None:
    """Keep what an earlier run of the same recipe wrote; clear away anything else."""
    told = msgspec.json.format(msgspec.json.encode(recipe), indent=2) + b"\n"
    if layout.recipe.is_file() and layout.recipe.read_bytes() == told:
        for scrap in layout.root.rglob(".*.part-*"):
            scrap.unlink()
        return
    for path in layout.root.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    write_json(layout.recipe, recipe)


def _write(
    dataset: Dataset, layout: TaskExportLayout, recipe: TaskRecipe, *, progress: _Progress
) -> TaskExport:
    options = recipe.options
    wanted = {s.image_id for _, samples in samples_of(dataset, options) for s in samples}
    sizes = copy_images(dataset, layout, wanted)
    media = Media(layout, options.frame_px, sigma_deg_of(dataset.info))
    writers = _Writers(layout, recipe.format)
    left_out = 0
    with writers:
        made = samples_of(dataset, options, pictures=sizes)
        for rows, samples in made:
            kept = [sample for sample in samples if sample.image_id in sizes]
            left_out += len(samples) - len(kept)
            for sample in kept:
                writers.add(sample, _record(recipe, sample, _shown(media, rows, sample)))
            media.close_reading()
            progress(1)
    if not writers.counts:
        raise DataError(
            "no sample is left",
            where=dataset.root.name,
            expected="key frames, reports or findings for these tasks, and embedded images",
            found=f"{left_out} samples whose image is not in the dataset" if left_out else None,
        )
    counts = writers.by_task()
    if recipe.format == "llamafactory":
        write_json(layout.dataset_info, llamafactory_info(writers.names(dataset.info.name)))
    write_bytes(layout.readme, readme_text(recipe, counts, left_out=left_out).encode())
    return TaskExport(
        out="", counts=counts, images=len(sizes), frames=media.drawn, left_out=left_out
    )


def _shown(media: Media, rows: ReadingRows, sample: Sample) -> Shown:
    return Shown(media.image(sample.image_id), media.frames(rows, sample.frames))


def _record(recipe: TaskRecipe, sample: Sample, shown: Shown) -> dict[str, object]:
    if recipe.format == "chat":
        return chat_record(sample, shown)
    return llamafactory_record(sample, shown, video=recipe.options.frames == "video")


class _Writers:
    """One file for each task and split that has a sample."""

    def __init__(self, layout: TaskExportLayout, form: Format) -> None:
        self._layout, self._kind = layout, _KINDS[form]
        self._files: dict[tuple[str, str], BinaryIO] = {}
        self._open = ExitStack()
        self.counts: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> "_Writers":  # noqa: PYI034 - it is never derived from
        return self

    def __exit__(self, *_: object) -> None:
        if self._kind == "json":
            for file in self._files.values():
                file.write(b"\n]\n")
        self._open.close()

    def add(self, sample: Sample, record: dict[str, object]) -> None:
        key = (sample.task, sample.split)
        if key not in self._files:
            path = self._layout.samples(*key, self._kind)
            self._files[key] = self._open.enter_context(path.open("wb"))
            self._files[key].write(b"[\n" if self._kind == "json" else b"")
        elif self._kind == "json":
            self._files[key].write(b",\n")
        ending = b"" if self._kind == "json" else b"\n"
        self._files[key].write(msgspec.json.encode(record) + ending)
        self.counts[key] += 1

    def by_task(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for (task, split), count in self.counts.items():
            found.setdefault(task, {})[split] = count
        return found

    def names(self, dataset: str) -> dict[str, str]:
        """Return the data sets' names for LLaMA-Factory and the file of each."""
        return dict(self._names(dataset))

    def _names(self, dataset: str) -> Iterator[tuple[str, str]]:
        for task, split in self.counts:
            yield f"{dataset}_{task}_{split}", self._layout.samples(task, split, self._kind).name
