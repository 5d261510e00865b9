"""Is the gaze of a reading good enough: its figures against limits, in words and in colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from markupsafe import Markup

from gazekit.model.protocol import CalibrationPlan, QualityLimits
from gazekit.report.page import number
from gazekit.report.rows import Row
from gazekit.report.table import ABSENT, Cell, Column, Tone, table

__all__ = ["Limits", "limits_of", "outside", "quality_table"]

_T = TypeVar("_T", bound=msgspec.Struct)

_COLUMNS = (
    Column("Reading"),
    Column("Verdict", meaning="against the limits named under the table"),
    Column("Split"),
    Column("Rate", "Hz", numeric=True, meaning="effective rate, from the median step"),
    Column("Data loss", "%", numeric=True, meaning="share of samples with no valid eye"),
    Column("Largest gap", "s", numeric=True, meaning="longest run without valid gaze"),
    Column("RMS-S2S", "deg", numeric=True, meaning="precision within fixations"),
    Column("Accuracy", "deg", numeric=True, meaning="last accepted validation before it"),
    Column("Fixations", numeric=True),
    Column("Sentences", numeric=True),
    Column("Duration", "s", numeric=True),
)


@dataclass(frozen=True)
class Limits:
    """What a reading may not exceed; from the build's configuration or the protocol's defaults."""

    data_loss: float
    gap_us: int
    rms_s2s_deg: float
    accuracy_deg: float
    marginal_accuracy_deg: float
    origin: str

    def words(self) -> str:
        """Say the limits in one line."""
        return (
            f"Limits ({self.origin}): data loss {self.data_loss:.0%}, largest gap "
            f"{self.gap_us / 1e6:g} s, RMS-S2S {self.rms_s2s_deg:g} deg, accuracy "
            f"{self.accuracy_deg:g} deg (marginal up to {self.marginal_accuracy_deg:g} deg)."
        )


def limits_of(config: Mapping[str, object]) -> Limits:
    """Take the limits from a resolved configuration; what it lacks is the protocol's default."""
    quality = _section(config.get("quality"), QualityLimits)
    calibration = _section(config.get("calibration"), CalibrationPlan)
    given = isinstance(config.get("quality"), Mapping)
    return Limits(
        data_loss=quality.max_data_loss,
        gap_us=quality.max_gap_ms * 1000,
        rms_s2s_deg=calibration.max_rms_s2s_deg,
        accuracy_deg=calibration.max_accuracy_deg,
        marginal_accuracy_deg=calibration.marginal_accuracy_deg,
        origin="from the configuration" if given else "defaults of a study protocol",
    )


def outside(reading: Row, limits: Limits) -> list[str]:
    """Name what is outside the limits, worst kinds first; [] when nothing is."""
    checks = (
        ("data loss", reading["data_loss"], limits.data_loss),
        ("gap", reading["largest_gap_us"], limits.gap_us),
        ("precision", reading["rms_s2s_deg"], limits.rms_s2s_deg),
        ("accuracy", reading["accuracy_deg"], limits.marginal_accuracy_deg),
    )
    return [name for name, value, limit in checks if _above(value, limit)]


def quality_table(readings: list[Row], limits: Limits, *, whole: str | None = None) -> Markup:
    """Show each reading's figures; those outside the limits say which in words.

    `whole`: where the figures of all readings are, in words.
    """
    return table(
        _COLUMNS,
        [_row(reading, limits) for reading in readings],
        caption=f"Quality of each reading. {limits.words()}",
        whole=whole,
    )


def _row(reading: Row, limits: Limits) -> list[Cell]:
    accuracy = _figure(reading["accuracy_deg"], limits.marginal_accuracy_deg, 2)
    if accuracy.tone is None and _above(reading["accuracy_deg"], limits.accuracy_deg):
        accuracy = Cell(accuracy.text, accuracy.sort, "warn")
    return [
        Cell(str(reading["reading_id"])),
        _verdict(reading, limits),
        Cell(str(reading["split"])),
        _figure(reading["rate_hz"], None, 0),
        _figure(reading["data_loss"], limits.data_loss, 1, scale=100),
        _figure(reading["largest_gap_us"], limits.gap_us, 2, scale=1e-6),
        _figure(reading["rms_s2s_deg"], limits.rms_s2s_deg, 3),
        accuracy,
        _figure(reading["n_fixations"], None, 0),
        _figure(reading["n_sentences"], None, 0),
        _figure(reading["duration_us"], None, 1, scale=1e-6),
    ]


def _verdict(reading: Row, limits: Limits) -> Cell:
    beyond = outside(reading, limits)
    if beyond:
        return Cell(f"outside: {', '.join(beyond)}", "2", "bad")
    if _above(reading["accuracy_deg"], limits.accuracy_deg):
        return Cell("marginal: accuracy", "1", "warn")
    return Cell("within limits", "0", "good")


def _figure(value: object, limit: float | None, digits: int, *, scale: float = 1.0) -> Cell:
    if not isinstance(value, int | float):
        return Cell(ABSENT, "", "quiet")
    tone: Tone | None = "bad" if limit is not None and value > limit else None
    return Cell(number(value * scale, digits), value, tone)


def _above(value: object, limit: float) -> bool:
    return isinstance(value, int | float) and value > limit


def _section(value: object, kind: type[_T]) -> _T:
    known = set(kind.__struct_fields__)
    given = {k: v for k, v in value.items() if k in known} if isinstance(value, Mapping) else {}
    return msgspec.convert(given, kind)
