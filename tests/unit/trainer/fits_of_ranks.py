"""Run `trainer fit` several times in the processes that torchrun started: torch is loaded once.

Usage: torchrun ... fits_of_ranks.py JSON, a list of the words of each run.
"""

import json
import os
import socket
import sys

from torch.distributed import TCPStore  # type: ignore[attr-defined] # it is public there

from trainer.commands import main


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


_run_all(json.loads(sys.argv[1]))
