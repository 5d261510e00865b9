"""Which built parts beside a dataset does it no longer need?"""

from gazekit.build.plan import Plan
from gazekit.model.layout import DatasetLayout, UnitLayout

__all__ = ["drop_scraps", "prune"]


def prune(plan: Plan, layout: DatasetLayout, *, dry_run: bool = False) -> tuple[str, ...]:
    """Remove the units that the plan does not name, and return their keys.

    Only units beside this dataset are looked at; no other dataset refers to them.
    """
    needed = {key for unit in plan.readings for key in (unit.key, unit.gaze_key)}
    needed |= {unit.key for unit in plan.images}
    spare = [unit for unit in UnitLayout.under(layout.units) if unit.key not in needed]
    if not dry_run:
        for unit in spare:
            unit.unit.unlink(missing_ok=True)
    return tuple(unit.key for unit in spare)


def drop_scraps(layout: DatasetLayout) -> None:
    """Remove what a build that was killed left half written; nobody else may build meanwhile."""
    for path in UnitLayout.scraps(layout.units):
        path.unlink(missing_ok=True)
