"""The clock line finds offset and drift through outliers, and maps there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.clocks import ClockModel, fit_clock
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
