"""What happened in a run: one JSON line a measurement, cut back to the checkpoint on resume."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gazekit.console import say
from gazekit.model.errors import UnfitError
from gazekit.model.files import write_bytes
from gazekit.model.layout_runs import RunLayout
from trainer.config import TrainConfig

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

__all__ = ["Journal", "read_metrics"]

_SHOWN = ("language", "attn_kl", "val_language", "val_attn_kl", "val_pointing")


class Journal:
    """Appends measurements to a run's metrics file and tells a person how it goes.

    Parameters
    ----------
    path
        The metrics file.
    first, steps
        The step that the run goes on from, and its last.
    batch
        Readings a step, for the rate.
    boards
        Folder of TensorBoard files, where they are wanted beside.
    """

    def __init__(
        self, path: Path, *, first: int, steps: int, batch: int = 1, boards: Path | None = None
    ) -> None:
        self._path, self._first, self._steps, self._batch = path, first, steps, batch
        self._began = time.perf_counter()
        # What was measured after the checkpoint is measured again.
        kept = [row for row in read_metrics(path) if row["step"] <= first]
        write_bytes(path, b"".join(msgspec.json.encode(row) + b"\n" for row in kept))
        self._boards = None if boards is None else _boards(boards, purge=first + 1)

    @classmethod
    def of(cls, run: RunLayout, config: TrainConfig, *, first: int, ranks: int = 1) -> "Journal":
        """Open the journal of a run."""
        fit = config.fit
        return cls(
            run.metrics,
            first=first,
            steps=fit.steps,
            batch=fit.batch * fit.accumulate * ranks,
            boards=run.tensorboard if fit.tensorboard else None,
        )

    def write(self, step: int, values: dict[str, float]) -> None:
        """Append the measurements after `step` steps."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode({"step": step, **values}) + b"\n")
        if self._boards is not None:
            for name, value in values.items():
                self._boards.add_scalar(name, value, step)
            self._boards.flush()

    def tell(self, step: int, values: dict[str, float]) -> None:
        """Write one line for a person: values, readings a second, time left."""
        shown = "  ".join(f"{name} {values[name]:.3f}" for name in _SHOWN if name in values)
        say(f"step {step}/{self._steps}  {shown}  {self._pace(step)}")

    def _pace(self, step: int) -> str:
        rate = (step - self._first) / max(1e-9, time.perf_counter() - self._began)
        left = round((self._steps - step) / rate) if rate > 0 else 0
        return f"{rate * self._batch:.0f} readings/s  {left // 60}:{left % 60:02} left"


def _boards(folder: Path, *, purge: int) -> "SummaryWriter":
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UnfitError(
            "TensorBoard is not installed",
            where="fit.tensorboard",
            remedy="install it: pip install 'gazekit[tensorboard]', or leave it off: "
            "metrics.jsonl has every figure",
        ) from error
    return SummaryWriter(str(folder), purge_step=purge)


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Read a metrics file; a cut last line is left out."""
    rows = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            rows.append(msgspec.json.decode(line, type=dict[str, float]))
        except msgspec.DecodeError:
            break
    return rows
