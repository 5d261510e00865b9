"""What does a model say about one image, and where is its evidence?"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from gazekit.image import read_image
from gazekit.model.errors import DataError
from gazekit.model.files import write_bytes, write_json
from gazekit.model.layout_runs import PredictionLayout, RunLayout
from gazekit.model.version import DISCLAIMER
from trainer.checkpoint import Loaded, load_checkpoint, newest
from trainer.device import autocast, reading_device
from trainer.evidence import write_reports
from trainer.letterbox import letterbox
from trainer.overlay import overlay_png
from trainer.prediction import Prediction, told
from trainer.prediction_page import prediction_page
from trainer.square import Square

__all__ = ["predict"]


def predict(run: RunLayout, image: Path, *, out: Path | None = None) -> tuple[Prediction, Path]:
    """Write report, evidence, overlay and page for one image.

    Parameters
    ----------
    run
        The best checkpoint of this run is used.
    image
        DICOM, PNG, JPEG or TIFF.
    out
        Folder to write to; by default one in the run, named after the image's hash.

    Returns
    -------
    prediction, folder
        What was written, and where.

    Raises
    ------
    DataError
        There is no run, the image does not decode, or the model wrote nothing.
    """
    checkpoint = newest(run, pointer="best")
    shown = read_image(image)  # before the weights: a wrong path is told at once
    loaded = load_checkpoint(checkpoint)
    torch.set_num_threads(loaded.config.fit.threads)
    loaded.model.to(reading_device(loaded.config.fit))
    grey = shown.to_uint8()
    prediction = _prediction(loaded, grey.shape, shown.record.sha256, _square(loaded, grey))
    layout = PredictionLayout(out or run.predictions / shown.record.image_id)
    write_bytes(layout.report, f"{prediction.report}\n\n{DISCLAIMER}\n".encode())
    write_bytes(layout.overlay, overlay_png(grey, prediction))
    prediction_page(grey, prediction, name=image.name).write(layout.page)
    write_json(layout.prediction, prediction)
    return prediction, layout.root


def _square(loaded: Loaded, grey: NDArray[np.uint8]) -> torch.Tensor:
    square = letterbox(grey, size_px=loaded.preprocess.size_px)
    return torch.from_numpy(square)[None, None]


def _prediction(
    loaded: Loaded, shape: tuple[int, ...], sha256: str, square: torch.Tensor
) -> Prediction:
    height, width = shape
    device = loaded.model.device
    with autocast(loaded.config.fit, device):
        (written,) = write_reports(loaded.model, loaded.tokenizer, square.to(device))
    if not written:
        raise DataError(
            "the model wrote no sentence for this image",
            where=loaded.layout.root.name,
            remedy="train longer, or choose another checkpoint",
        )
    square_of = Square((width, height), loaded.preprocess.size_px)
    sentences, trajectory = told(written, square_of, loaded.preprocess.habits)
    return Prediction(
        image_sha256=sha256,
        width_px=width,
        height_px=height,
        checkpoint=loaded.layout.root.name,
        fingerprint=loaded.preprocess.data.fingerprint,
        trained_on_simulated=loaded.preprocess.data.simulated,
        report=" ".join(sentence.text for sentence in sentences),
        sentences=sentences,
        trajectory=trajectory,
        confidence=float(np.exp(np.mean([np.log(one.confidence) for one in written]))),
    )
