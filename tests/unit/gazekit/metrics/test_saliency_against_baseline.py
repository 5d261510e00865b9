"""Do shuffled AUC and information gain give hand-computed values, and the reference program's?"""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from gazekit.metrics import auc_judd, cc, information_gain, kld, nss, sauc, sim

MAP = np.array([[1.0, 2.0], [3.0, 2.0]])


def test_sauc_by_hand() -> None:
    # Positives 3 and 2; negatives 1, 2, 2: pairs won 3 + 1, tied 2: (4 + 1) / 6.
    found = sauc(MAP, [0.5, 1.5], [1.5, 0.5], other_x=[0.5, 1.5, 1.2], other_y=[0.5, 0.5, 1.7])
    assert found == pytest.approx(5 / 6)


def test_sauc_of_the_same_fixations_is_one_half() -> None:
    assert sauc(MAP, [0.5, 1.5], [0.5, 0.5], other_x=[1.5, 0.5], other_y=[0.5, 0.5]) == 0.5


def test_sauc_without_other_fixations_is_absent() -> None:
    assert sauc(MAP, [0.5], [0.5], other_x=[9.0], other_y=[np.nan]) is None


def test_information_gain_by_hand() -> None:
    # 3/8 against 1/4 at the one fixation.
    assert information_gain(MAP, np.ones((2, 2)), [0.5], [1.5]) == pytest.approx(np.log2(1.5))
    assert information_gain(MAP, MAP, [0.5, 1.5], [0.5, 0.5]) == 0
    assert information_gain(MAP, np.zeros((2, 2)), [0.5], [0.5]) is None
    assert information_gain(MAP, MAP, [5.0], [0.5]) is None


def test_a_map_that_excludes_a_fixation_loses_but_stays_finite() -> None:
    found = information_gain([[0.0, 1.0]], [[1.0, 1.0]], [0.5], [0.5])
    assert found == pytest.approx(-51, abs=1e-6)


@pytest.fixture
def _pkg_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for what setuptools dropped, and the reference program imports for its models."""
    if importlib.util.find_spec("pkg_resources") is None:
        gone = ModuleType("pkg_resources")
        vars(gone).update(resource_string=None, resource_listdir=None)
        monkeypatch.setitem(sys.modules, "pkg_resources", gone)


@pytest.mark.usefixtures("_pkg_resources")
@pytest.mark.filterwarnings("ignore")  # its own, on import
def test_saliency_metrics_agree_with_the_reference_program() -> None:
    missing = "the reference program, which needs torch, is not installed"
    metrics = pytest.importorskip("pysaliency.metrics", reason=missing, exc_type=ImportError)
    roc = pytest.importorskip("pysaliency.roc", reason=missing, exc_type=ImportError)
    random = np.random.default_rng(3)
    first, second = random.random((30, 40)), random.random((30, 40))
    x, y, other_x, other_y = (random.integers(0, n, 25) for n in (40, 30, 40, 30))
    a, b = first / first.sum(), second / second.sum()
    assert nss(first, x, y) == pytest.approx(metrics.NSS(first, x, y).mean(), abs=1e-12)
    assert cc(first, second) == pytest.approx(metrics.CC(first, second), abs=1e-12)
    assert sim(first, second) == pytest.approx(metrics.SIM(a, b), abs=1e-12)
    assert kld(first, second) == pytest.approx(metrics.MIT_KLDiv(second, first), abs=1e-12)
    area = roc.general_roc(first[y, x], first[other_y, other_x])[0]
    assert sauc(first, x, y, other_x=other_x, other_y=other_y) == pytest.approx(area, abs=1e-12)
    gain = (np.log2(a[y, x]) - np.log2(b[y, x])).mean()
    assert information_gain(first, second, x, y) == pytest.approx(gain, abs=1e-9)
    fixated = np.zeros(first.shape, bool)
    fixated[y, x] = True
    judd = roc.general_roc(first[fixated], first[~fixated])[0]
    assert auc_judd(first, x, y) == pytest.approx(judd, abs=1e-12)
