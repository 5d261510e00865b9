"""Draws a figure of one reading for a paper: PNG, SVG or PDF."""

from pathlib import Path

import click

from gazekit.console import emit
from gazekit.model.figures import (
    DOUBLE_MM,
    FIGURE_FORMATS,
    FIGURE_KINDS,
    SINGLE_MM,
    FigureKind,
)

__all__ = ["command"]

_WIDTHS = {"single": SINGLE_MM, "double": DOUBLE_MM}


class _Width(click.ParamType):  # type: ignore[type-arg]
    """Millimetres, or the width of one or two columns."""

    name = "width"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if value in _WIDTHS:
            return _WIDTHS[str(value)]
        try:
            return float(value)
        except ValueError:
            self.fail(f"{value!r} is neither single, double nor millimetres.", param, ctx)


@click.command("plot")
@click.argument("kind", type=click.Choice(FIGURE_KINDS))
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("row")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=f"FILE.{{{','.join(FIGURE_FORMATS)}}}",
    help="The file; its suffix says the format.",
)
@click.option(
    "--width",
    type=_Width(),
    default="single",
    show_default=True,
    metavar="single|double|MM",
    help=f"One column ({SINGLE_MM:g} mm), two ({DOUBLE_MM:g} mm), or so many mm.",
)
@click.option("--height", type=float, metavar="MM", help="What fits, unless given.")
@click.option(
    "--dpi", type=click.IntRange(50, 1200), default=300, show_default=True, help="Of pictures."
)
@click.option("--detector", metavar="NAME", help="Finds the events; that of the build by default.")
def command(
    kind: FigureKind,
    source: Path,
    row: str,
    *,
    out: Path,
    width: float,
    height: float | None,
    dpi: int,
    detector: str | None,
) -> None:
    """Draw a figure of ROW, a reading of SOURCE, for a paper.

    SOURCE is a session or a dataset, ROW a reading's id or its number from 0; of a dataset also a
    key frame, as READING/3. Fonts are embedded, colours fit colour-blind people, and the same
    input gives the same bytes.
    """
    from gazekit.report.figures import write_figure

    emit(
        write_figure(
            kind,
            source,
            row,
            out=out,
            width_mm=width,
            height_mm=height,
            dpi=dpi,
            detector=detector,
        )
    )
