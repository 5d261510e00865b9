"""``gazekit erase``: remove every row of a reader or a patient from datasets."""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_OK

__all__ = ["command"]


@click.command()
@click.argument("datasets", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--reader", help="Pseudonym of the reader to erase.")
@click.option("--patient", help="Pseudonym of the patient to erase.")
@click.option("--yes", is_flag=True, help="Remove; without it, what is there is only listed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    datasets: tuple[Path, ...],
    *,
    reader: str | None,
    patient: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """List every row of a reader or a patient in DATASETS and, with --yes, remove them.

    Shards, facts, card, report and checksums are written anew, and the built parts beside the
    dataset go; the audit log keeps the pseudonym, and later builds leave the person out. Raw
    sessions, exports and trained models are not touched.
    """
    from gazekit.build import Subject, erase, list_rows

    if (reader is None) == (patient is None):
        raise click.UsageError("give either --reader or --patient")
    subject = Subject("reader", reader) if reader else Subject("patient", patient or "")
    found = [list_rows(path, subject) for path in datasets]
    for one in found:
        rows = ", ".join(f"{count} {table}" for table, count in one.rows.items())
        if not as_json:
            emit(f"{one.dataset}: {rows}, {one.units} built parts")
    if yes:
        for path in datasets:
            erase(path, subject)
            say(f"{path}: erased")
    elif any(one.any for one in found):
        say("nothing was removed; add --yes to remove them")
    if as_json:
        emit({"erased": yes, "datasets": found}, as_json=True)
    return EXIT_OK
