"""``trainer doctor``: is this machine fit to train?"""

from itertools import chain
from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_OK, EXIT_UNFIT, UsageError

__all__ = ["command"]


@click.command(name="doctor")
@click.argument("dataset", required=False, type=click.Path(path_type=Path))
@click.option("--model", "named", metavar="FOLDER|CONFIG", help="A model's folder, or a CONFIG.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="As of trainer fit.")
@click.option("--out", type=click.Path(path_type=Path), default="runs", help="Where runs go.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    dataset: Path | None,
    named: str | None,
    overrides: tuple[str, ...],
    *,
    out: Path,
    as_json: bool,
) -> int:
    """Check packages, device, disk, and DATASET and a model where named: green, yellow or red.

    Exit code 5 where anything is red; yellow is what some runs need and this one may not.
    """
    from trainer.doctor import examine
    from trainer.doctor_model import examine_model

    if overrides and named is None:
        raise UsageError("--set changes a configuration", remedy="name one with --model CONFIG")
    findings = []
    of_model = () if named is None else examine_model(named, overrides)
    for finding in chain(examine(dataset, out), of_model):
        findings.append(finding)
        if not as_json:
            mark = click.style(f"{finding.colour:6}", fg=finding.colour, bold=True)
            emit(f"{mark}  {finding.check:12}  {finding.found}")
            if finding.remedy:
                emit(f"{'':22}-> {finding.remedy}")
    red = sum(finding.colour == "red" for finding in findings)
    if as_json:
        emit({"fit": not red, "findings": findings}, as_json=True)
    else:
        say(f"{red} red: not fit to train" if red else "fit to train")
    return EXIT_UNFIT if red else EXIT_OK
