"""``trainer predict``: write report, trajectory and evidence for one image."""

from pathlib import Path

import click

from gazekit.console import emit
from gazekit.model.layout_runs import PredictionLayout, RunLayout

__all__ = ["command"]


@click.command(name="predict")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder; by default one in RUN.")
@click.option("--json", "as_json", is_flag=True, help="Print the prediction as one JSON line.")
def command(run: Path, image: Path, *, out: Path | None, as_json: bool) -> None:
    """Write a report with evidence for IMAGE (DICOM, PNG, JPEG or TIFF) with RUN's best model."""
    from trainer.predict import predict

    prediction, folder = predict(RunLayout(run), image, out=out)
    lines = [f"{s.number}. {s.text}" for s in prediction.sentences]
    text = "\n".join([*lines, "", prediction.disclaimer, str(PredictionLayout(folder).overlay)])
    emit(prediction if as_json else text, as_json=as_json)
