"""Phantoms: reproducible, the same at any size, findings where they are said to be."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazekit.image import read_image
from gazekit.model.vocabulary import FINDING_LABELS
from gazekit.synthetic import Phantom, make_phantom, write_dicom

SIZE = (128, 160)
SEEDS = range(60)


@pytest.fixture(scope="module")
def phantoms() -> list[Phantom]:
    return [make_phantom(seed, size_px=SIZE) for seed in SEEDS]


def test_same_seed_same_pixels_and_truth() -> None:
    one, two = (make_phantom(5, size_px=SIZE) for _ in range(2))
    assert one.display.record == two.display.record
    assert one.placements == two.placements
    assert make_phantom(6, size_px=SIZE).display.record.sha256 != one.display.record.sha256


def test_findings_do_not_depend_on_the_size() -> None:
    small, large = make_phantom(11, size_px=SIZE), make_phantom(11, size_px=(256, 320))
    assert [f.label for f in small.findings] == [f.label for f in large.findings]
    for a, b in zip(small.placements, large.placements, strict=True):
        assert np.multiply(a.box, 2) == pytest.approx(b.box)
    low = large.display.pixels.reshape(160, 2, 128, 2).mean(axis=(1, 3))
    assert np.corrcoef(low.ravel(), small.display.pixels.ravel())[0, 1] > 0.98


def test_a_film_has_dark_lungs_bright_mediastinum_and_black_air(phantoms: list[Phantom]) -> None:
    for phantom in phantoms:
        if phantom.findings:
            continue
        shown = phantom.display.to_uint8().astype(float)

        def level(name: str, shown: Any = shown, phantom: Any = phantom) -> float:
            x0, y0, x1, y1 = (round(v) for v in phantom.regions[name])
            return float(np.median(shown[y0:y1, x0:x1]))

        assert level("right_mid_zone") < 120
        assert level("spine") > 180
        assert level("left_mid_zone") < level("heart")
        assert np.median(shown[:5, :8]) < 5


def test_every_label_occurs_with_none_to_four_findings(phantoms: list[Phantom]) -> None:
    labels = {f.label for p in phantoms for f in p.findings}
    assert len(labels) == 8
    assert labels <= set(FINDING_LABELS)
    assert {len(p.findings) for p in phantoms} >= {0, 1, 2, 3}
    assert max(len(p.findings) for p in phantoms) <= 4


def test_boxes_lie_on_the_image_on_the_side_that_is_named(phantoms: list[Phantom]) -> None:
    for phantom in phantoms:
        for plan in phantom.placements:
            x0, y0, x1, y1 = plan.box
            assert 0 <= x0 < x1 <= SIZE[0]
            assert 0 <= y0 < y1 <= SIZE[1]
            if plan.side is not None and plan.label != "Support Devices":
                right = (x0 + x1) / 2 < SIZE[0] / 2
                assert right == (plan.side == "right")


@pytest.mark.parametrize(
    "label",
    ["Lung Lesion", "Consolidation", "Pleural Effusion", "Atelectasis", "Support Devices"],
)
def test_a_finding_is_brighter_than_the_same_place_without_it(
    phantoms: list[Phantom], label: str
) -> None:
    plain = np.mean([p.display.pixels for p in phantoms if not p.findings], axis=0)
    gains = []
    for phantom in phantoms:
        for plan in phantom.placements:
            if plan.label == label:
                x0, y0, x1, y1 = (round(v) for v in plan.box)
                here = np.s_[y0:y1, x0:x1]
                gains.append(phantom.display.pixels[here].mean() - plain[here].mean())
    assert np.median(gains) > 150


def test_a_pneumothorax_is_darker(phantoms: list[Phantom]) -> None:
    plain = np.mean([p.display.pixels for p in phantoms if not p.findings], axis=0)
    gains = []
    for phantom in phantoms:
        for plan in phantom.placements:
            if plan.label == "Pneumothorax":
                x0, y0, x1, y1 = (round(v) for v in plan.box)
                here = np.s_[y0:y1, x0:x1]
                gains.append(phantom.display.pixels[here].mean() - plain[here].mean())
    assert np.median(gains) < -100


def test_cardiomegaly_is_a_heart_wider_than_half_the_chest(phantoms: list[Phantom]) -> None:
    for phantom in phantoms:
        heart, lungs = phantom.regions["heart"], phantom.regions
        chest = lungs["left_lung"][2] - lungs["right_lung"][0]
        ratio = (heart[2] - heart[0]) / chest
        assert (ratio > 0.52) == ("Cardiomegaly" in {f.label for f in phantom.findings})


@settings(max_examples=12)
@given(seed=st.integers(0, 2**40), compressed=st.booleans())
def test_both_photometric_interpretations_display_the_phantom(
    tmp_path_factory: pytest.TempPathFactory, seed: int, compressed: Any
) -> None:
    folder = tmp_path_factory.mktemp("dicom")
    display = make_phantom(seed, size_px=(64, 80), patient_id="P1", study_id="S1").display
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        path = folder / f"{photometric}.dcm"
        write_dicom(path, display, photometric=photometric, compressed=compressed)
        image = read_image(path)
        np.testing.assert_array_equal(image.pixels, display.pixels)
        np.testing.assert_array_equal(image.to_uint8(), display.to_uint8())
        assert image.record.photometric == photometric
        assert image.record.image_id == display.record.image_id
        assert image.record.window_source == "dicom_window"
        assert image.record.pixel_spacing_mm == pytest.approx(display.record.pixel_spacing_mm)


def test_same_phantom_same_dicom_bytes(tmp_path: Path) -> None:
    display = make_phantom(1, size_px=(64, 80)).display
    for name in ("a", "b"):
        write_dicom(tmp_path / name, display, photometric="MONOCHROME1", compressed=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert b"SYNTHETIC^PHANTOM" in (tmp_path / "a").read_bytes()
