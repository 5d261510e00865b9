"""``trainer evaluate``: score a run on held-out readings, beside its baselines."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit
from gazekit.model.layout_runs import RunLayout

if TYPE_CHECKING:
    from trainer.evaluation import Evaluation

__all__ = ["command"]


@click.command(name="evaluate")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which readings.")
@click.option("--data", type=click.Path(path_type=Path), help="The dataset, if it has moved.")
@click.option("--other-data", is_flag=True, help="Accept a dataset with another fingerprint.")
@click.option("--against", type=click.Path(path_type=Path), help="Another run, to compare with.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    run: Path,
    *,
    split: str,
    data: Path | None,
    other_data: bool,
    against: Path | None,
    as_json: bool,
) -> None:
    """Score the best checkpoint of RUN; also writes its evaluation.json and evaluation.html."""
    from trainer.evaluate import evaluate

    result = evaluate(
        RunLayout(run),
        split=split,
        data=data,
        other_data=other_data,
        against=None if against is None else RunLayout(against),
    )
    page = RunLayout(run).evaluation_page
    emit(result if as_json else f"{_table(result)}\n{page}", as_json=as_json)


def _table(result: "Evaluation") -> str:
    kind = "synthetic readings" if result.simulated else "readings"
    head = f"{result.readings} {kind} of {result.patients} patients, split {result.split}"
    lines = [head]
    for task, names in result.tasks.items():
        lines.append(f"\n{task}")
        for name in sorted(names):
            figure = result.figures[name]
            span = _span(figure.low, figure.high)
            lines.append(
                f"{name:<24} {figure.value:7.3f}  {span}  n {figure.n:>5}  {result.meanings[name]}"
            )
    if result.against is not None:
        lines.append(f"\nless {result.against.run}, paired by patient")
        lines += [
            f"{name:<24} {one.value:+7.3f}  {_span(one.low, one.high)}"
            for name, one in result.against.differences.items()
        ]
    return "\n".join([*lines, "", result.disclaimer])


def _span(low: float | None, high: float | None) -> str:
    return "[one patient]" if low is None or high is None else f"[{low:.3f}, {high:.3f}]"
