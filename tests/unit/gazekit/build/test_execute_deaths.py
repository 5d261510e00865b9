"""What becomes of tasks whose process is killed?"""

import os
import signal
from pathlib import Path

import pytest

from gazekit.build.execute import Processes
from gazekit.model.errors import GazekitError


def _die(mark: str) -> int:
    path = Path(mark)
    if path.suffix == ".always" or (path.suffix == ".once" and not path.exists()):
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_a_killed_process_is_replaced_until_they_die_in_a_row(tmp_path: Path) -> None:
    pool = Processes(1)
    try:
        marks = [str(tmp_path / name) for name in ("a.once", "b", "c")]
        assert len(list(pool.run(_die, marks))) == 3
        with pytest.raises(GazekitError, match="the worker processes die"):
            list(pool.run(_die, [str(tmp_path / "a.always"), str(tmp_path / "b")]))
    finally:
        pool.close()
