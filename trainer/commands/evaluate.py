"""``trainer evaluate``: score a run on held-out readings, beside its baselines."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit
from gazekit.model.layout_runs import RunLayout

if TYPE_CHECKING:
    from trainer.evaluate import Evaluation

__all__ = ["command"]


@click.command(name="evaluate")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which readings.")
@click.option("--data", type=click.Path(path_type=Path), help="The dataset, if it has moved.")
@click.option("--other-data", is_flag=True, help="Accept a dataset with another fingerprint.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(run: Path, *, split: str, data: Path | None, other_data: bool, as_json: bool) -> None:
    """Score the best checkpoint of RUN; figures also go to its evaluation.json."""
    from trainer.evaluate import evaluate

    result = evaluate(RunLayout(run), split=split, data=data, other_data=other_data)
    emit(result if as_json else _table(result), as_json=as_json)


def _table(result: "Evaluation") -> str:
    kind = "synthetic readings" if result.simulated else "readings"
    head = f"{result.readings} {kind} of {result.patients} patients, split {result.split}"
    lines = [
        f"{name:<20} {figure.value:7.3f}  "
        + (f"[{figure.low:.3f}, {figure.high:.3f}]" if figure.low is not None else "[one patient]")
        + f"  n {figure.n:>5}  {result.meanings[name]}"
        for name, figure in sorted(result.figures.items())
    ]
    return "\n".join([head, *lines, result.disclaimer])
