"""Run `trainer fit` several times in two processes of torchrun: torch is loaded once."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence

from torch.distributed import TCPStore  # type: ignore[attr-defined] # it is public there

from trainer.commands import main

__all__ = ["fit_in_two_processes"]


def fit_in_two_processes(*runs: Sequence[str]) -> str:
    """Fit by the words of each run, one after another; return what they print."""
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *command, __file__, json.dumps(runs)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _meet_elsewhere(store: TCPStore, number: int) -> None:
    """Let the processes of a run find each other at a port of its own.

    At torchrun's own the second run would find where the processes of the first one were.
    """
    key = f"port of run {number}"
    if os.environ["RANK"] == "0":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            store.set(key, str(free.getsockname()[1]))
    os.environ["MASTER_PORT"] = store.get(key).decode()
    os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "False"


def _run_all(runs: list[list[str]]) -> None:
    store = TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
    for number, words in enumerate(runs):
        _meet_elsewhere(store, number)
        try:
            main(["fit", *words], prog_name="trainer")
        except SystemExit as end:
            if end.code:
                raise


if __name__ == "__main__":
    _run_all(json.loads(sys.argv[1]))
