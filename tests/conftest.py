"""What every test may ask for: the shared recordings, a virtual display, repeatable examples."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]

# No test is timed: a loaded machine must not fail one.
hypothesis.settings.register_profile("project", deadline=None, max_examples=50, print_blob=True)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("project"), derandomize=True, database=None
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "project")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function from a name to its path in the shared data beside the checkout.

    The test is skipped, with the reason, where the data is not there.
    """

    def find(name: str) -> Path:
        path = ROOT.parent / "shared" / "data" / name
        if not path.exists():
            pytest.skip(f"the shared data has no {name} here")
        return path

    return find


def _start_xvfb(screen: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server on a free display number of its own choice; return it and its display."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.fail("Xvfb is not installed; run scripts/setup as root, or install xvfb")
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        [
            *(program, "-displayfd", str(write_end), "-screen", "0", screen),
            *("+extension", "GLX", "+render", "-noreset", "-nolisten", "tcp"),
        ],
        pass_fds=[write_end],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as numbers:
        number = numbers.readline().strip()
    if not number:
        server.wait()
        pytest.fail(f"Xvfb ended at its start with exit code {server.returncode}")
    return server, f":{number}"


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the tests of this process a 1920 x 1080 screen and PsychoPy a home of its own.

    A display that is already there is used as it is.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        if os.environ.get("DISPLAY"):
            yield os.environ["DISPLAY"]
            return
        server, name = _start_xvfb("1920x1080x24")
        environment.setenv("DISPLAY", name)
        try:
            yield name
        finally:
            server.terminate()
            server.wait(timeout=10)


@pytest.fixture
def x_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int, int], str]]:
    """Return a function from a width and a height to a screen of its own; PsychoPy's home too."""
    servers: list[subprocess.Popen[bytes]] = []
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(tmp_path_factory.mktemp("home")))

        def start(width: int, height: int) -> str:
            server, name = _start_xvfb(f"{width}x{height}x24")
            servers.append(server)
            return name

        yield start
        for server in servers:
            server.terminate()
            server.wait(timeout=10)
