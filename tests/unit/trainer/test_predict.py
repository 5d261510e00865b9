"""Is a prediction valid, whatever the shape of the image, and written whole?"""

import io
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from gazekit.image import read_image
from gazekit.model.errors import DataError
from gazekit.model.layout_runs import PredictionLayout, RunLayout
from gazekit.model.version import DISCLAIMER
from gazekit.synthetic.dicom import write_dicom
from trainer import fit
from trainer.config import load_config
from trainer.overlay import overlay_png
from trainer.predict import predict
from trainer.prediction import PredictedSentence, Prediction
from trainer.region import Region


@pytest.fixture(scope="module")
def run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    layout = RunLayout(tmp_path_factory.mktemp("run"))
    settings = ("model.width=32", "model.heads=2", "fit.steps=60", "fit.batch=8", "fit.threads=1")
    fit.main(
        load_config("nano", [*settings, "optim.lr=5e-3", f'data.path="{tiny_dataset}"']), layout
    )
    return layout


def _picture(path: Path, width: int, height: int) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (height, width)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize("size", [(160, 200), (300, 120)], ids=["portrait", "landscape"])
def test_a_prediction_lies_on_the_image(
    run: RunLayout, tmp_path: Path, size: tuple[int, int]
) -> None:
    image = _picture(tmp_path / "x.png", *size)
    prediction, folder = predict(run, image, out=tmp_path / "out")
    layout = PredictionLayout(folder)
    assert msgspec.json.decode(layout.prediction.read_bytes(), type=Prediction) == prediction
    assert prediction.sentences
    assert (prediction.width_px, prediction.height_px) == size
    for number, sentence in enumerate(prediction.sentences, 1):
        region = sentence.region
        assert sentence.number == number
        assert 0 <= region.x0_px < region.x1_px <= size[0]
        assert 0 <= region.y0_px < region.y1_px <= size[1]
        assert sentence.points
    orders = [point.order for point in prediction.trajectory]
    assert orders == list(range(1, len(orders) + 1))
    numbers = [point.sentence for point in prediction.trajectory]
    assert numbers == sorted(numbers)
    report = layout.report.read_text("utf-8")
    assert prediction.report in report
    assert DISCLAIMER in report
    with Image.open(layout.overlay) as overlay:
        assert overlay.format == "PNG"
        assert overlay.width > overlay.height / 2


def test_one_image_in_three_formats_gives_one_report(run: RunLayout, tmp_path: Path) -> None:
    png = _picture(tmp_path / "x.png", 160, 200)
    write_dicom(tmp_path / "x.dcm", read_image(png))
    with Image.open(png) as image:
        image.save(tmp_path / "x.jpg", quality=95)
    plain, _ = predict(run, png, out=tmp_path / "png")
    dicom, folder = predict(run, tmp_path / "x.dcm", out=tmp_path / "dcm")
    jpeg, _ = predict(run, tmp_path / "x.jpg", out=tmp_path / "jpg")
    assert dicom.report == plain.report
    assert (jpeg.width_px, jpeg.height_px) == (dicom.width_px, dicom.height_px) == (160, 200)
    page = PredictionLayout(folder).page.read_text("utf-8")
    assert "Play the inspection" in page
    assert all(sentence.text in page for sentence in dicom.sentences)
    assert dicom.confidence is not None
    assert 0 < dicom.confidence <= 1
    assert {sentence.step for sentence in dicom.sentences} <= {"A", "B"}


def test_a_prediction_goes_into_the_run_by_default(run: RunLayout, tmp_path: Path) -> None:
    _, folder = predict(run, _picture(tmp_path / "x.png", 64, 64))
    assert folder.parent == run.predictions
    assert folder.name.startswith("img-")


def test_what_cannot_be_read_is_named(run: RunLayout, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n no more")
    for image in (broken, tmp_path / "missing.png"):
        with pytest.raises(DataError) as caught:
            predict(run, image, out=tmp_path / "out")
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    with pytest.raises(DataError, match="no training run"):
        predict(RunLayout(tmp_path / "nothing"), broken)


def test_a_missing_image_is_named_before_the_weights_are_read(
    run: RunLayout, tmp_path: Path
) -> None:
    copy = RunLayout(tmp_path / "copy")
    shutil.copytree(run.root, copy.root)
    for checkpoint in copy.checkpoints():
        checkpoint.weights.write_bytes(b"no weights")
    with pytest.raises(DataError, match=r"missing\.png: no such image"):
        predict(copy, tmp_path / "missing.png")


def test_many_long_sentences_still_make_a_picture() -> None:
    region = Region(x0_px=1, y0_px=0, x1_px=30, y1_px=30, centroid_x_px=15, centroid_y_px=15)
    sentences = tuple(
        PredictedSentence(number=n, text="very long sentence " * 8, region=region, points=())
        for n in range(1, 31)
    )
    prediction = Prediction(
        image_sha256="",
        width_px=100,
        height_px=120,
        checkpoint="",
        fingerprint="",
        trained_on_simulated=True,
        report="",
        sentences=sentences,
        trajectory=(),
    )
    png = overlay_png(np.zeros((120, 100), np.uint8), prediction)
    with Image.open(io.BytesIO(png)) as overlay:
        assert overlay.size[0] > 600
