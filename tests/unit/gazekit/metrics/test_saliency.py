"""Do the saliency figures have their hand-computed values?"""

import math

import numpy as np
import pytest

from gazekit.metrics import auc_judd, cc, centre_prior, kld, nss, sim
from gazekit.model.errors import DataError

MAP = np.array([[0.0, 0.0], [0.0, 4.0]])  # mean 1, standard deviation sqrt(3)


def test_nss_is_the_mean_z_score_at_the_fixations() -> None:
    assert nss(MAP, [1.5], [1.5]) == pytest.approx(3 / math.sqrt(3))
    assert nss(MAP, [1.5, 0.5], [1.5, 0.5]) == pytest.approx((3 - 1) / math.sqrt(3) / 2)


def test_nss_takes_x_along_columns() -> None:
    wide = np.array([[0.0, 0.0, 1.0]])
    assert nss(wide, [2.9], [0.1]) == pytest.approx((1 - 1 / 3) / wide.std())


def test_nss_leaves_out_what_is_off_the_map() -> None:
    inside = nss(MAP, [1.5], [1.5])
    assert nss(MAP, [1.5, -0.1, 2.0, np.nan], [1.5, 0.5, 0.5, 0.5]) == inside


@pytest.mark.parametrize("xs", [[], [5.0], [np.nan]], ids=["none", "off the map", "not a number"])
def test_nss_without_fixations_is_absent(xs: list[float]) -> None:
    assert nss(MAP, xs, [0.5] * len(xs)) is None


def test_figures_of_a_constant_map_are_absent() -> None:
    flat = np.ones((2, 2))
    assert nss(flat, [0.5], [0.5]) is None
    assert cc(flat, MAP) is None
    assert sim(np.zeros((2, 2)), MAP) is None
    assert kld(np.zeros((2, 2)), MAP) is None


def test_cc_by_hand() -> None:
    assert cc(MAP, 3 * MAP + 2) == pytest.approx(1)
    assert cc(MAP, -MAP) == pytest.approx(-1)
    # deviations (-1, -1, -1, 3) and (-.25, .75, -.25, -.25): product -1, norms sqrt(12), sqrt(.75)
    assert cc(MAP, [[0, 1], [0, 0]]) == pytest.approx(-1 / 3)


def test_sim_is_the_shared_mass() -> None:
    assert sim(MAP, MAP) == pytest.approx(1)
    assert sim(MAP, [[1, 0], [0, 0]]) == 0
    assert sim([[1, 1], [0, 0]], [[1, 3], [0, 0]]) == pytest.approx(0.75)


def test_kld_by_hand() -> None:
    uniform = np.ones((2, 2))
    assert kld(uniform, uniform) == pytest.approx(0, abs=1e-12)
    assert kld(MAP, uniform) == pytest.approx(math.log(4))
    expected = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    assert kld([[1, 1]], [[1, 3]]) == pytest.approx(expected)


def test_auc_judd_by_hand() -> None:
    ramp = np.arange(4.0).reshape(2, 2)
    assert auc_judd(ramp, [1.5], [1.5]) == 1
    assert auc_judd(ramp, [0.5], [0.5]) == 0
    assert auc_judd(ramp, [1.5], [0.5]) == pytest.approx(1 / 3)  # above one of three others
    assert auc_judd(np.ones((2, 2)), [0.5], [0.5]) == 0.5
    assert auc_judd(ramp, [], []) is None


def test_centre_prior_is_a_centred_density() -> None:
    prior = centre_prior((5, 3))
    assert prior.sum() == pytest.approx(1)
    assert divmod(int(prior.argmax()), 3) == (2, 1)
    np.testing.assert_allclose(prior, prior[::-1, ::-1])


def test_maps_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="differ in shape"):
        cc(MAP, np.ones((3, 3)))
    with pytest.raises(DataError, match="negative"):
        sim(MAP, -MAP)
    with pytest.raises(DataError, match="2-D"):
        nss(np.ones(4), [0.5], [0.5])
