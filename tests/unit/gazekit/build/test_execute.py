"""Do the processes of a pool end with the one that started them?"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

POOL = """
import json, multiprocessing, time
from gazekit.build.execute import executor
if __name__ == "__main__":
    with executor(2) as pool:
        list(pool.run(abs, [1, 2, 3, 4]))
        print(json.dumps([p.pid for p in multiprocessing.active_children()]), flush=True)
        time.sleep(60)
"""
PATIENCE_S = 20.0


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.is_file() and state.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_workers_end_when_their_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        workers = json.loads(parent.stdout.readline())
        assert workers
        assert all(_runs(pid) for pid in workers)
        parent.kill()
    until = time.monotonic() + PATIENCE_S
    while any(_runs(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    left = [pid for pid in workers if _runs(pid)]
    for pid in left:
        os.kill(pid, 9)
    assert not left
