"""How the three command lines behave: lazy verbs, one-line errors, exit codes, progress."""

import importlib
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Any

import click
import msgspec

from gazekit.model.errors import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    GazekitError,
    ProblemsError,
    did_you_mean,
)
from gazekit.model.version import DISCLAIMER, __version__

__all__ = ["Ticker", "command_group", "emit", "progress", "say"]

_MOST_PROBLEMS = 20


class _LazyGroup(click.Group):
    """A group whose verbs are imported when they run, so that ``--help`` answers at once."""

    def __init__(self, package: str, verbs: Mapping[str, str], **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(**kwargs)
        self._package = package
        self._verbs = dict(verbs)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._verbs:
            hint = did_you_mean(cmd_name, list(self._verbs))
            message = f"no such command: {cmd_name!r}." + (f" {hint}" if hint else "")
            raise click.UsageError(message, ctx)
        module = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        if not any(option.name == "debug" for option in command.params):
            command.params.append(_debug_option(hidden=True))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(self._verbs.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own
        kwargs["standalone_mode"] = False
        debug = "--debug" in sys.argv[1:]
        try:
            code = super().main(*args, **kwargs)
        except click.exceptions.Abort:
            sys.exit(_fail("interrupted", EXIT_INTERRUPTED))
        except KeyboardInterrupt:
            sys.exit(_fail("interrupted", EXIT_INTERRUPTED))
        except click.ClickException as error:
            context = error.ctx if isinstance(error, click.UsageError) else None
            where = context.command_path if context else self.name
            _fail(error.format_message(), EXIT_USAGE)
            sys.exit(_fail(f"type: {where} --help", EXIT_USAGE, mark="      "))
        except GazekitError as error:
            if debug:
                raise
            sys.exit(_report(error))
        except OSError as error:
            if debug:
                raise
            sys.exit(_fail(_os_error_line(error), EXIT_FAILED))
        except Exception as error:
            if debug:
                raise
            sys.exit(_fail(_defect_line(error), EXIT_FAILED))
        sys.exit(code if isinstance(code, int) else 0)


def _report(error: GazekitError) -> int:
    if isinstance(error, ProblemsError):
        for problem in error.problems[:_MOST_PROBLEMS]:
            _fail(str(problem), error.exit_code)
        left = len(error.problems) - _MOST_PROBLEMS
        if left > 0:
            _fail(f"... and {left} more", error.exit_code)
        return error.exit_code
    return _fail(str(error), error.exit_code)


def _os_error_line(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    full = ". Make room on the disk, then type the same again" if error.errno == ENOSPC else ""
    return f"{place}{error.strerror or error}{full}"


def _defect_line(error: Exception) -> str:
    """Name the fault and its place, not its words: they may hold what the input says of people."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name} line {last.lineno}"
    return (
        f"unexpected {type(error).__name__} in {place}: a defect of the program, or an input that "
        "nobody thought of. Add --debug to see it whole"
    )


def _fail(message: str, code: int, *, mark: str = "error:") -> int:
    click.echo(f"{mark} {message}", err=True)
    return code


def command_group(name: str, purpose: str, package: str, verbs: Mapping[str, str]) -> click.Group:
    """Make the group of a program.

    Parameters
    ----------
    name, purpose
        The program's name and the sentence that ``--help`` starts with.
    package
        The package whose modules are the verbs; each holds a click command named ``command``.
    verbs
        Verb to the line that ``--help`` shows, so that no verb is imported for it.
    """
    group = _LazyGroup(
        package,
        verbs,
        name=name,
        help=f"{purpose}\n\n{DISCLAIMER}",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    group.params.append(_debug_option(hidden=False))
    return click.version_option(__version__, prog_name=name)(group)


def _debug_option(*, hidden: bool) -> click.Option:
    return click.Option(
        ["--debug"], is_flag=True, expose_value=False, hidden=hidden, help="Show tracebacks."
    )


def say(text: str) -> None:
    """Write one message line to stderr; above a progress bar, where one is shown."""
    # The stream of this moment, which a progress bar replaces by its own.
    click.echo(text, file=sys.stderr)


def emit(result: object, *, as_json: bool = False) -> None:
    """Write a result to stdout: as one JSON line, or as it reads."""
    click.echo(msgspec.json.encode(result).decode() if as_json else str(result))


class Ticker:
    """Counts work done; made by `progress`."""

    def __init__(self, advance: Any, describe: Any) -> None:  # noqa: ANN401 - rich's callables
        self._advance = advance
        self._describe = describe

    def tick(self, count: int = 1) -> None:
        """Say that `count` more units are done."""
        self._advance(count)

    def describe(self, text: str) -> None:
        """Change the words beside the bar."""
        self._describe(text)


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Ticker]:
    """Show a progress bar on stderr with rate and time left; one line where it is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        say(f"{description} ({total})" if total is not None else description)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(description, total=total)
        yield Ticker(
            lambda count: bar.advance(task, count),
            lambda text: bar.update(task, description=text),
        )
