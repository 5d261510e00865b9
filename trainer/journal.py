"""What happened in a run: one JSON line a measurement, cut back to the checkpoint on resume."""

import time
from pathlib import Path

import msgspec

from gazekit.console import say
from gazekit.model.files import write_bytes

__all__ = ["Journal", "read_metrics"]

_SHOWN = ("language", "attn_kl", "val_language", "val_attn_kl", "val_pointing")


class Journal:
    """Appends measurements to a run's metrics file and tells a person how it goes."""

    def __init__(self, path: Path, *, first: int, steps: int) -> None:
        self._path, self._first, self._steps = path, first, steps
        self._began = time.perf_counter()
        # What was measured after the checkpoint is measured again.
        kept = [row for row in read_metrics(path) if row["step"] <= first]
        write_bytes(path, b"".join(msgspec.json.encode(row) + b"\n" for row in kept))

    def write(self, step: int, values: dict[str, float]) -> None:
        """Append the measurements after `step` steps."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode({"step": step, **values}) + b"\n")

    def tell(self, step: int, values: dict[str, float], *, batch: int) -> None:
        """Write one line for a person: values, readings a second, time left."""
        rate = (step - self._first) / max(1e-9, time.perf_counter() - self._began)
        left = round((self._steps - step) / rate) if rate > 0 else 0
        shown = "  ".join(f"{name} {values[name]:.3f}" for name in _SHOWN if name in values)
        say(
            f"step {step}/{self._steps}  {shown}  "
            f"{rate * batch:.0f} readings/s  {left // 60}:{left % 60:02} left"
        )


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Read a metrics file; a cut last line is left out."""
    rows = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            rows.append(msgspec.json.decode(line, type=dict[str, float]))
        except msgspec.DecodeError:
            break
    return rows
