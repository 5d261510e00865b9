"""Are the bytes of a dataset the same, wherever its parts are made and whoever is killed?"""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gazekit.build import Running, Shard, build, verify_dataset
from gazekit.image import write_display_png
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import GazekitError, ProblemsError
from gazekit.model.layout import DatasetLayout, SessionLayout, StudyLayout, UnitLayout
from gazekit.synthetic import StudyPlan, write_study

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def study(four_sessions: Path) -> Path:
    return four_sessions


@pytest.fixture(scope="module")
def bytes_of_serial(built_four: DatasetLayout) -> dict[str, str]:
    return _bytes(built_four.root)


def _bytes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.parquet"))
    }


def test_shares_are_packed_to_the_same_bytes(
    study: Path, tmp_path: Path, bytes_of_serial: dict[str, str], gazekit: Run
) -> None:
    out = tmp_path / "dataset"
    half = gazekit("build", study, "--out", out, "--shard", "1/2", "--executor", "serial")
    assert half.code == 0
    assert not out.exists()
    refused = gazekit("pack", study, "--out", out)
    assert refused.code == 4
    assert refused.err.count("the unit is missing") == 2
    other = gazekit("build", study, "--out", out, "--shard", "2/2", "--executor", "serial")
    assert other.code == 0
    assert gazekit("pack", study, "--out", out).code == 0
    assert _bytes(out) == bytes_of_serial


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/2/3"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(GazekitError, match="not a share"):
        Shard.of(text)


def test_a_killed_build_is_completed_to_the_same_bytes(
    study: Path, tmp_path: Path, bytes_of_serial: dict[str, str]
) -> None:
    out = tmp_path / "dataset"
    units = DatasetLayout(out).units
    words = ["build", str(study), "--out", str(out), "--executor", "serial"]
    code = "from gazekit.commands import main; main()"
    # Killed in the middle of the readings, and while it packs.
    for wanted in (5, 12):
        process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while len(UnitLayout.under(units)) < wanted and process.poll() is None:
            time.sleep(0.005)
        process.kill()
        process.wait()
    (scrap := UnitLayout(units, "ab").unit.with_name(".x.unit.part-1")).parent.mkdir(exist_ok=True)
    scrap.write_bytes(b"half")
    build(study, out, running=Running(executor="serial"))
    assert _bytes(out) == bytes_of_serial
    assert verify_dataset(out) == []
    assert not scrap.exists()


def _dask(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start what the documentation tells to type, on this machine's own address."""
    command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
    with (folder / "dask.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """Start a scheduler and two workers as programs of their own; give address and workers."""
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, started = f"tcp://127.0.0.1:{port}", []
    try:
        started.append(_dask(tmp_path, "scheduler", "--host", "127.0.0.1", "--port", str(port)))
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            words = ("--nthreads", "1", "--host", "127.0.0.1", "--local-directory", name)
            started.append(_dask(tmp_path, "worker", address, *words))
        with distributed.Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, started[1:]
    finally:
        for process in reversed(started):
            _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program with what it started, as the loss of a machine does."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_whose_worker_is_killed_makes_the_same_bytes(
    study: Path,
    tmp_path: Path,
    bytes_of_serial: dict[str, str],
    cluster: tuple[str, list["subprocess.Popen[bytes]"]],
) -> None:
    address, workers = cluster
    dead: list[int] = []

    def kill_one(stage: str, done: int, _total: int) -> None:
        if stage == "readings" and done == 1 and not dead:
            _kill(workers[0])
            dead.append(done)

    running = Running(executor="dask", scheduler=address)
    result = build(study, tmp_path / "dataset", progress=kill_one, running=running)
    assert dead == [1]
    assert (result.made, result.reused) == (8, 0)
    assert workers[1].poll() is None
    assert _bytes(tmp_path / "dataset") == bytes_of_serial


def test_a_scheduler_that_is_not_there_is_one_line(
    study: Path, tmp_path: Path, gazekit: Run
) -> None:
    words = ("--executor", "dask", "--scheduler", "nothing://here")
    done = gazekit("build", study, "--out", tmp_path / "d", *words)
    assert done.code == 2
    assert "no Dask scheduler answers" in done.err


def test_an_unchanged_dataset_is_left_as_it_is(
    study: Path, built_four: DatasetLayout, copied: Run, tmp_path: Path
) -> None:
    out, one = copied(built_four, tmp_path / "dataset"), Running(executor="serial")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    again = build(study, out, running=one)
    assert (again.unchanged, again.seen, again.made) == (True, 4, 0)
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()} == before
    rehashed = build(study, out, running=Running(executor="serial", rehash=True))
    assert (rehashed.unchanged, rehashed.seen, rehashed.made) == (False, 0, 0)
    DatasetLayout(out).card.write_text("changed by hand", "utf-8")
    assert not build(study, out, running=one).unchanged
    assert verify_dataset(out) == []


def test_a_changed_transcript_makes_one_reading_anew(tmp_path: Path) -> None:
    study = tmp_path / "study"
    plan = StudyPlan(readings=3, seed=9, readings_per_session=3, image_px=(128, 160))
    write_study(study, plan, write_png=write_display_png)
    out, one = tmp_path / "dataset", Running(executor="serial")
    build(study, out, running=one)
    (session,) = StudyLayout(study).sessions.iterdir()
    layout = SessionLayout(session)
    lines = [json.loads(line) for line in layout.transcript.read_bytes().splitlines()]
    changed = lines[0]["reading_id"]
    lines[0]["text"] = "Another"
    layout.transcript.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    from gazekit.model.files import write_checksums

    write_checksums(session)
    again = build(study, out, running=one)
    assert (again.made, again.reused, again.gaze_made) == (1, 5, 1)
    text = open_dataset(out).table("sentences").to_pylist()
    assert any(r["text"].startswith("Another") and r["reading_id"] == changed for r in text)


def test_sources_and_datasets_at_addresses(
    study: Path, tmp_path: Path, bytes_of_serial: dict[str, str], gazekit: Run
) -> None:
    fsspec = pytest.importorskip("fsspec", reason="needs the extra far")
    far = fsspec.filesystem("memory")
    far.put(str(study), "/studies/one", recursive=True)
    url, scratch = "memory://built/dataset", tmp_path / "scratch"
    words = ("--out", url, "--scratch", scratch, "--executor", "serial")
    assert gazekit("build", "memory://studies/one", *words).code == 0
    far.get("/built/dataset", str(tmp_path / "back"), recursive=True)
    assert _bytes(tmp_path / "back") == bytes_of_serial
    assert verify_dataset(tmp_path / "back") == []
    sent = far.modified("/built/dataset/SHA256SUMS")
    again = gazekit("build", "memory://studies/one", *words, "--json")
    assert json.loads(again.out)["made"] == 0
    assert far.modified("/built/dataset/SHA256SUMS") == sent
    far.pipe("/other/thing.txt", b"x")
    assert "something else" in gazekit("build", study, "--out", "memory://other").err
    assert gazekit("build", "nothing://x", "--out", tmp_path / "d").code == 2


def test_an_address_of_this_machine_is_the_folder_itself(
    study: Path, tmp_path: Path, bytes_of_serial: dict[str, str], gazekit: Run
) -> None:
    pytest.importorskip("fsspec", reason="needs the extra far")
    out = tmp_path / "far" / "dataset"
    words = ("--out", out.as_uri(), "--executor", "serial")
    assert gazekit("build", study.as_uri(), *words).code == 0
    assert _bytes(out) == bytes_of_serial
    assert verify_dataset(out) == []


def test_packing_again_while_units_are_gone_lists_them(study: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as refused:
        build(study, tmp_path / "d", running=Running(executor="serial", pack_only=True))
    assert len(refused.value.problems) == 8


def test_a_protocol_is_told_from_a_source(tmp_path: Path, gazekit: Run) -> None:
    protocol = Path(__file__).parents[2] / "protocols" / "cxr_abcdef.toml"
    done = gazekit("build", protocol, "--out", tmp_path / "d")
    assert done.code == 2
    assert done.err.count("error:") == 1
    assert "this is a study protocol" in done.err
