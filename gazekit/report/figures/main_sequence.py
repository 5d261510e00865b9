"""Do saccades follow the main sequence: peak velocity against amplitude, with a fitted curve?

Bahill, Clark & Stark (1975), "The main sequence, a tool for studying human eye movements",
Mathematical Biosciences 24; the saturating exponential as in Baloh et al. (1975), Neurology 25.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.report.figures.paper import BLACK, CATEGORIES, axes_or_current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LEAST_SACCADES", "MainSequence", "draw_main_sequence", "fit_main_sequence"]

LEAST_SACCADES = 10
"""Fewer do not hold a curve of two parameters."""

_Floats = NDArray[np.float64]
_FIRST_GUESS = (500.0, 8.0)
_MOST = (5000.0, 200.0)
_POINTS = 200


@dataclass(frozen=True)
class MainSequence:
    """The curve V = V_max (1 - exp(-A / C)) through saccades.

    `v_max_deg_s`: the peak velocity that it approaches. `c_deg`: the amplitude at which 63 % of it
    is reached. `r2`: share of the variance of peak velocities that it explains. `n`: saccades.
    """

    v_max_deg_s: float
    c_deg: float
    r2: float
    n: int

    def at(self, amplitude_deg: ArrayLike) -> _Floats:
        """Return peak velocities (deg/s) at amplitudes (deg); same shape."""
        amplitude = np.asarray(amplitude_deg, np.float64)
        found: _Floats = self.v_max_deg_s * (1 - np.exp(-amplitude / self.c_deg))
        return found


def fit_main_sequence(
    amplitude_deg: ArrayLike, peak_velocity_deg_s: ArrayLike
) -> MainSequence | None:
    """Fit the main sequence by least squares.

    Parameters
    ----------
    amplitude_deg, peak_velocity_deg_s
        float, shape (n,); a pair with NaN, or without amplitude, is left out.

    Returns
    -------
    MainSequence or None
        None with fewer than ten saccades, or where no curve is found.
    """
    from scipy.optimize import curve_fit

    amplitude, velocity = _pairs(amplitude_deg, peak_velocity_deg_s)
    if amplitude.size < LEAST_SACCADES or np.ptp(velocity) == 0:
        return None
    try:
        (v_max, c), _ = curve_fit(
            lambda a, v, c: v * (1 - np.exp(-a / c)),
            amplitude,
            velocity,
            p0=_FIRST_GUESS,
            bounds=((1.0, 0.01), _MOST),
        )
    except RuntimeError:  # no curve is found
        return None
    curve = MainSequence(float(v_max), float(c), 0.0, amplitude.size)
    left = float(((velocity - curve.at(amplitude)) ** 2).sum())
    whole = float(((velocity - velocity.mean()) ** 2).sum())
    return MainSequence(curve.v_max_deg_s, curve.c_deg, 1 - left / whole, curve.n)


def draw_main_sequence(
    amplitude_deg: ArrayLike,
    peak_velocity_deg_s: ArrayLike,
    *,
    how: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw saccades by amplitude and peak velocity, with the fitted curve and its numbers.

    Parameters
    ----------
    amplitude_deg
        float, shape (n,), degrees of visual angle.
    peak_velocity_deg_s
        float, shape (n,), degrees a second.
    how
        How they were found, such as the detector and the rate; stands in the title.
    ax
        Where to draw; pyplot's current Axes where None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_current(ax)
    amplitude, velocity = _pairs(amplitude_deg, peak_velocity_deg_s)
    axes.scatter(amplitude, velocity, s=6, color=CATEGORIES[0], alpha=0.6, lw=0)
    curve = fit_main_sequence(amplitude, velocity)
    if curve is not None:
        along = np.linspace(0, float(amplitude.max()), _POINTS)
        axes.plot(along, curve.at(along), color=BLACK, lw=1.0, label=_formula(curve))
        axes.legend(loc="lower right", frameon=False, borderpad=0.1)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("amplitude (deg)")
    axes.set_ylabel("peak velocity (deg/s)")
    said = [f"{amplitude.size:,} saccades", *([how] if how else [])]
    if curve is None:
        said.append("too few or too alike for a curve")
    axes.set_title(", ".join(said), loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _formula(curve: MainSequence) -> str:
    edge = " (at its bound)" if curve.c_deg > 0.99 * _MOST[1] else ""
    formula = f"V = {curve.v_max_deg_s:.0f} deg/s (1 − exp(−A / {curve.c_deg:.1f} deg)){edge}"
    return f"{formula}\nR² = {curve.r2:.2f}"


def _pairs(amplitude_deg: ArrayLike, velocity_deg_s: ArrayLike) -> tuple[_Floats, _Floats]:
    amplitude, velocity = (np.asarray(a, np.float64) for a in (amplitude_deg, velocity_deg_s))
    known = np.isfinite(amplitude) & np.isfinite(velocity) & (amplitude > 0)
    return amplitude[known], velocity[known]
