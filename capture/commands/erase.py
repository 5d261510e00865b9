"""``capture erase``: remove a session, or everything of a reader who withdraws."""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_INTERRUPTED, EXIT_OK

__all__ = ["command"]


@click.command()
@click.argument("parent", type=click.Path(path_type=Path))
@click.option("--reader", help="Code of the reader whose sessions go.")
@click.option("--session", help="Name of the one session that goes.")
@click.option("--reason", default="withdrawal", show_default=True, help="For the audit; no name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    parent: Path,
    *,
    reader: str | None,
    session: str | None,
    reason: str,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Remove sessions under PARENT for good; lists them and asks first.

    A tombstone of each stays in PARENT, in a hash-chained audit file. Backups and datasets built
    from the sessions are not touched: see gazekit erase.
    """
    from capture.withdrawal import erase_sessions, plan_withdrawal

    plan = plan_withdrawal(parent, reader=reader, session=session)
    for root in plan.sessions:
        say(f"{root.name}")
    for name in plan.unreadable:
        say(f"{name} stays: whose it is cannot be read; name it with --session to remove it")
    count = f"{len(plan.sessions)} session{'s' if len(plan.sessions) > 1 else ''}"
    gone = not dry_run and (yes or click.confirm(f"Remove {count} for good?", err=True))
    if gone:
        audit = erase_sessions(plan, reason=reason)
        say(f"removed {count}; written down in {audit.name}")
    elif not dry_run:
        say("nothing was removed")
    if as_json:
        names = [root.name for root in plan.sessions]
        emit({"erased": gone, "sessions": names, "unreadable": plan.unreadable}, as_json=True)
    return EXIT_OK if gone or dry_run else EXIT_INTERRUPTED
