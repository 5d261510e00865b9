"""Do regions, peaks and trajectories lie where the map says, in pixels of the original image?"""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.backbones.embedded import EmbeddedModel
from trainer.config import ModelConfig
from trainer.evidence import write_reports
from trainer.region import Map, observed_px, peak_px, points_of, region_of
from trainer.square import Square
from trainer.tokenizer import ReportTokenizer

GRID, SIZE_PX = 12, 96


def _bump(x: float, y: float, sigma: float = 0.8) -> Map:
    """Return a Gaussian around (x, y), in cells."""
    centres = np.arange(GRID) + 0.5
    heat = np.exp(-0.5 * (((centres - x) / sigma) ** 2 + ((centres - y) / sigma)[:, None] ** 2))
    density: Map = (heat / heat.sum()).astype(np.float32)
    return density


def test_a_square_image_is_scaled_only() -> None:
    to_square = Square((960, 960), SIZE_PX)
    x, y = peak_px(_bump(2.5, 7.5), to_square)
    assert (x, y) == pytest.approx((200, 600), abs=2)


@given(st.floats(0.3, 0.7), st.floats(0.1, 0.9), st.sampled_from([(480, 960), (2000, 1000)]))
def test_a_region_holds_its_peak_and_stays_on_the_image(
    u: float, v: float, size: tuple[int, int]
) -> None:
    square = Square(size, SIZE_PX)
    x, y = u * size[0], v * size[1]
    at = square.to_cells(x, y, grid=GRID)
    region = region_of(_bump(float(at[0]), float(at[1])), square)
    assert 0 <= region.x0_px < region.x1_px <= size[0]
    assert 0 <= region.y0_px < region.y1_px <= size[1]
    patch = 8 * max(size) / SIZE_PX
    assert region.centroid_x_px == pytest.approx(x, abs=patch)
    assert region.centroid_y_px == pytest.approx(y, abs=patch)
    assert region.x0_px <= region.centroid_x_px <= region.x1_px
    assert region.y0_px <= region.centroid_y_px <= region.y1_px


def test_a_region_is_one_connected_part() -> None:
    heat = _bump(2.5, 2.5) + np.float32(0.9) * _bump(9.5, 9.5)
    region = region_of(heat, Square((96, 96), SIZE_PX))
    assert region.x1_px < 48
    assert region.y1_px < 48


@pytest.mark.parametrize("spread", [0.8, 1.5, 2.5])
def test_a_region_grows_with_what_gaze_spread_over(spread: float) -> None:
    square = Square((96, 96), SIZE_PX)
    region = region_of(_bump(6, 6, spread), square)
    point = region_of(_bump(6, 6, 0.5), square)
    assert region.x1_px - region.x0_px > 1.2 * (point.x1_px - point.x0_px)
    assert (region.x0_px + region.x1_px) / 2 == pytest.approx(48)


def test_a_whole_map_is_centred_between_its_parts() -> None:
    square = Square((96, 96), SIZE_PX)
    assert observed_px(_bump(2, 6) + _bump(10, 6), square) == pytest.approx((48, 48), abs=1)
    assert observed_px(_bump(2, 6), square) == pytest.approx((16, 48), abs=1)


def test_points_come_in_the_order_in_which_tokens_attend_them() -> None:
    first, second = _bump(9.5, 2.5), _bump(2.5, 9.5)
    square = Square((96, 96), SIZE_PX)
    for rows in ([first, first, second, second], [second, second, first, first]):
        points = points_of(np.mean(rows, axis=0), np.stack(rows), square)
        assert len(points) == 2
        starts_right = rows[0] is first
        assert (points[0].x_px > points[1].x_px) == starts_right
        assert all(0 < point.weight <= 1 for point in points)


def test_each_report_gets_the_evidence_of_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = ReportTokenizer.train(["no effusion.", "there is a nodule."], vocabulary=300)
    short, long = tokenizer.encode("no effusion."), tokenizer.encode("there is a nodule.")
    config = ModelConfig(image_px=32, width=16, heads=2, text_tokens=40)
    model = EmbeddedModel(config, vocabulary=len(tokenizer), mean=0.5, std=0.2).eval()
    reports = [short, [*long, *short], []]
    monkeypatch.setattr(model, "generate", lambda *_, **__: reports)
    images = torch.randint(0, 256, (3, 1, 32, 32), dtype=torch.uint8)
    written = write_reports(model, tokenizer, images)
    assert [[s.text for s in report] for report in written] == [
        ["no effusion."],
        ["there is a nodule.", "no effusion."],
        [],
    ]
    alone = model(images[1:2], torch.tensor([[tokenizer.start, *long, *short][:-1]])).attention[0]
    for sentence, place in zip(written[1], (slice(len(long)), slice(len(long), None)), strict=True):
        rows = alone[place].unflatten(-1, (4, 4)).detach().numpy()
        np.testing.assert_allclose(sentence.rows, rows, atol=1e-5)
        assert sentence.map.sum() == pytest.approx(1, abs=1e-4)
        assert 0 < sentence.confidence <= 1
