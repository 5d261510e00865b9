"""Are fixations grouped as the connected components of their neighbourhood are?"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from gazekit.align.fixation_clusters import cluster_fixations

_PLACES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(places=_PLACES, reach=st.sampled_from([0.5, 1.0, 2.0, 5.0]))
def test_groups_are_the_connected_components_by_their_first_member(
    places: list[tuple[int, int]], reach: float
) -> None:
    x, y = (np.array([place[axis] for place in places], np.float32) * 5 for axis in (0, 1))
    sigma = np.full(len(places), 20, np.float32)
    found = cluster_fixations(x, y, sigma_x_px=sigma, sigma_y_px=sigma, reach_deg=reach)
    near = np.hypot(x[:, None] - x, y[:, None] - y) / 20 <= reach
    count, place = connected_components(near, directed=False)
    wanted = sorted((np.flatnonzero(place == one).tolist() for one in range(count)), key=min)
    assert [group.tolist() for group in found] == wanted
