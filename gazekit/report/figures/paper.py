"""How does a figure meet a journal's rules: size in mm, fonts, colours, and the same bytes?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gazekit.model.errors import UsageError
from gazekit.model.figures import FIGURE_FORMATS, SINGLE_MM
from gazekit.model.files import atomic_path
from gazekit.model.version import DISCLAIMER, __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLACK",
    "CATEGORIES",
    "axes_or_current",
    "check_suffix",
    "paper_figure",
    "paper_style",
    "save_figure",
]

CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
"""Told apart by colour-blind people: Okabe and Ito, "Color Universal Design" (2008)."""

BLACK = "#000000"

_SUFFIXES = tuple(f".{name}" for name in FIGURE_FORMATS)

_MM_AN_INCH = 25.4
_STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that every machine has it
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6,
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 0.8,
    "image.interpolation": "none",
    "pdf.fonttype": 42,  # TrueType within the file, which journals ask for
    "svg.fonttype": "path",  # glyphs within the file, so that it needs no font
    "svg.hashsalt": "gazekit",  # else ids are random
}


@contextmanager
def paper_style() -> Iterator[None]:
    """Draw with small type and thin lines, and save with fonts embedded, inside the block."""
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield


def paper_figure(
    *, width_mm: float = SINGLE_MM, height_mm: float = 60.0
) -> tuple["Figure", "Axes"]:
    """Return a figure of this size with one Axes; it belongs to no window.

    Raises
    ------
    UsageError
        A side is less than 20 mm or more than 500 mm.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    for name, value in (("width", width_mm), ("height", height_mm)):
        if not 20 <= value <= 500:  # noqa: PLR2004 - a stamp to a poster
            raise UsageError(
                "the figure cannot be so large or small",
                where=f"--{name}",
                expected="from 20 to 500 mm",
                found=f"{value:g}",
            )
    size = (width_mm / _MM_AN_INCH, height_mm / _MM_AN_INCH)
    figure = Figure(figsize=size, layout="compressed")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def save_figure(figure: "Figure", out: str | Path, *, title: str, dpi: int = 300) -> Path:
    """Write a figure as PNG, SVG or PDF, whole or not at all: same figure, same bytes.

    Parameters
    ----------
    figure
        Made within `paper_style`, so that fonts are embedded; its size is kept.
    out
        The suffix says the format.
    title
        Stands in the file's metadata, with the disclaimer; no time does.
    dpi
        Of a PNG, and of pictures inside the others.

    Raises
    ------
    UsageError
        The suffix is another one.
    """
    out = Path(out)
    kind = check_suffix(out)
    with paper_style(), atomic_path(out) as part:
        figure.savefig(part, format=kind, dpi=dpi, metadata=_metadata(kind, title))
    return out


def check_suffix(out: Path) -> str:
    """Return the format that a file's name asks for.

    Raises
    ------
    UsageError
        It is none of `SUFFIXES`.
    """
    suffix = out.suffix.lower()
    if suffix not in _SUFFIXES:
        raise UsageError(
            "no such format of a figure",
            where=out.name,
            expected=", ".join(_SUFFIXES),
            found=suffix or "no suffix",
            remedy="name the file as in --out figure.pdf",
        )
    return suffix[1:]


def axes_or_current(ax: "Axes | None") -> "Axes":
    """Return `ax`, or pyplot's current Axes where it is None."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    return plt.gca()


def _metadata(kind: str, title: str) -> dict[str, str | None]:
    made = f"gazekit {__version__}"
    if kind == "svg":
        return {"Title": title, "Description": DISCLAIMER, "Creator": made, "Date": None}
    if kind == "pdf":
        return {"Title": title, "Subject": DISCLAIMER, "Creator": made, "CreationDate": None}
    return {"Title": title, "Description": DISCLAIMER, "Software": made}
