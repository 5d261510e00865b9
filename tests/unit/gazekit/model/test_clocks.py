"""The clock line finds offset and drift through outliers, and maps there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.clocks import ClockModel, clock_quality, fit_clock
from gazekit.model.errors import DataError


@given(
    offset=st.integers(-(10**12), 10**12),
    drift=st.floats(-200, 200),
    seed=st.integers(0, 100),
)
def test_it_recovers_offset_and_drift_with_one_pair_in_ten_late(
    offset: int, drift: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    session = np.arange(0, 600_000_000, 2_000_000, dtype=np.int64)
    device = (session * (1 - drift * 1e-6)).astype(np.int64) + offset
    trip = rng.integers(60, 140, session.size)
    trip[::10] += 30_000
    model = fit_clock(session - 50, device, session - 50 + trip)
    assert model.drift_ppm == pytest.approx(drift, abs=1.0)
    assert np.abs(model.to_session(device) - session).max() < 200


@given(
    times=st.lists(st.integers(0, 10**13), min_size=1, max_size=20),
    drift=st.floats(-500, 500),
    anchor=st.integers(0, 10**13),
)
def test_mapping_there_and_back_is_within_a_microsecond(
    times: list[int], drift: float, anchor: int
) -> None:
    model = ClockModel(anchor, 12345, drift, 0.0)
    device = np.array(times, np.int64)
    assert np.abs(model.to_device(model.to_session(device)) - device).max() <= 1


def test_one_pair_gives_an_offset_without_drift() -> None:
    model = fit_clock(*(np.array([v], np.int64) for v in (100, 5000, 200)))
    assert model.drift_ppm == 0
    assert model.to_session(np.array([5000])).tolist() == [150]


def test_no_pair_is_an_error() -> None:
    empty = np.array([], np.int64)
    with pytest.raises(DataError, match="no clock pairs"):
        fit_clock(empty, empty, empty)


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 299), st.integers(60_000, 10**10)),
        max_size=3,
        unique_by=lambda step: step[0],
    ),
    sign=st.sampled_from((-1, 1)),
)
def test_a_clock_that_is_set_is_told_from_one_that_drifts(
    steps: list[tuple[int, int]], sign: int
) -> None:
    session = np.arange(300, dtype=np.int64) * 500_000
    other = session + (session * 30e-6).astype(np.int64)
    for at, amount in steps:
        other[at:] += sign * amount
    quality = clock_quality("wall", session - 3, other, session + 3)
    assert [round(t) for t, _ in quality.steps] == [session[at] for at, _ in sorted(steps)]
    found = [amount for _, amount in quality.steps]
    assert found == pytest.approx([sign * amount for _, amount in sorted(steps)], abs=16)
    assert quality.drift_ppm == pytest.approx(-30.0, abs=1.0)
    # A step hides the drift of one interval: 15 us each.
    assert quality.largest_us <= 20 * (1 + len(steps))
    assert quality.median_us <= quality.largest_us
