"""Does the report of thousands of readings stay light, and how does it compare with a plain table?

The rows of a dataset are repeated under new ids until there are enough readings. Its report, and
``pandas.DataFrame.to_html`` of the same table of readings, are opened in turn by headless Chromium,
a new one each time. Writes its section of ``benchmarks/README.md``.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.section import write_section
from gazekit.console import emit
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.files import write_json
from gazekit.model.layout import DatasetLayout
from gazekit.report import write_dataset_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
COLUMNS = (
    *("reading_id", "split", "rate_hz", "data_loss", "largest_gap_us", "rms_s2s_deg"),
    *("accuracy_deg", "n_fixations", "n_sentences", "duration_us"),
)
_PATIENCE_MS = 120_000
REPEATED = {"reading_id", "sentence_id", "keyframe_id", "fixation_id"}
SORTED = """async () => {
  document.querySelector("table.sortable th button")?.click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now();
}"""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """One page, opened: its bytes, milliseconds of the clock since it was asked for, CPU time.

    `used_ms`: its first table was sorted and drawn; of a page that cannot sort, it was drawn.
    `cpu_s`: of the browser's renderer, which parses, runs and draws the page, and of its GPU part.
    """

    megabytes: float
    parsed_ms: float
    used_ms: float
    cpu_s: float


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over the repeats, and how busy the machine was; one line of JSON."""

    readings: int
    pictured: int
    repeats: int
    write_s: float
    report: Load
    pandas: Load
    cores: int
    load_before: float


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("demo/study_dataset"))
@click.option("--readings", default=5000, show_default=True)
@click.option("--repeats", default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line; write no section.")
def main(data: Path, *, readings: int, repeats: int, as_json: bool) -> None:
    """Measure the report of a dataset of so many readings."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = repeated(open_dataset(data), Path(folder) / "dataset", readings)
        started = time.process_time()
        ours = write_dataset_report(dataset.root, Path(folder) / "report.html")
        write_s = time.process_time() - started
        theirs = plain_page(dataset, Path(folder) / "pandas.html")
        load = os.getloadavg()[0]
        loads: dict[Path, list[Load]] = {ours: [], theirs: []}
        for _ in range(repeats):
            for page, seen in loads.items():
                seen.append(opened(page))
        text = ours.read_text("utf-8")
        found = Found(
            readings=dataset.count("readings"),
            pictured=text.count('<article class="card"'),
            repeats=repeats,
            write_s=round(write_s, 1),
            report=_median(loads[ours]),
            pandas=_median(loads[theirs]),
            cores=os.cpu_count() or 1,
            load_before=round(load, 1),
        )
    if not as_json:
        write_section("pages", _section(found))
    emit(found, as_json=True)


def repeated(source: Dataset, root: Path, readings: int) -> Dataset:
    """Make a dataset of at least so many readings: all rows again and again under new ids."""
    layout = DatasetLayout(root)
    times = -(-readings // source.count("readings"))
    counts: dict[str, dict[str, int]] = {}
    for table in source.tables:
        again = 1 if table == "images" else times  # several readings of one image
        for split in source.splits:
            shards = source.shards(table, split)
            for index, (shard, turn) in enumerate((s, t) for t in range(again) for s in shards):
                target = layout.shard(table, split, index, again * len(shards))
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(shard, target, turn)
            counts.setdefault(table, {})[split] = again * source.count(table, split)
    layout.meta.mkdir(parents=True)
    write_json(layout.info, msgspec.structs.replace(source.info, counts=counts))
    return open_dataset(root)


def _copy(shard: Path, target: Path, turn: int) -> None:
    with pq.ParquetFile(shard) as file, pq.ParquetWriter(target, file.schema_arrow) as out:
        for group in range(file.num_row_groups):
            out.write_table(_renamed(file.read_row_group(group), turn))


def _renamed(rows: pa.Table, turn: int) -> pa.Table:
    for name in REPEATED & set(rows.column_names):
        values = [f"{value}-{turn}" for value in rows.column(name).to_pylist()]
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pa.array(values, pa.string()))
    return rows


def plain_page(dataset: Dataset, path: Path) -> Path:
    """Write the table of readings as pandas does."""
    frame = dataset.table("readings", columns=COLUMNS).to_pandas()
    path.write_text(f"<!doctype html><meta charset='utf-8'>{frame.to_html()}", "utf-8")
    return path


def opened(page: Path) -> Load:
    """Open a page in a new browser."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        before = _cpu_s(browser)
        tab.goto(page.as_uri(), wait_until="domcontentloaded", timeout=_PATIENCE_MS)
        used = tab.evaluate(SORTED)
        parsed = tab.evaluate(
            "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
        )
        tab.wait_for_load_state("load")
        cpu = _cpu_s(browser) - before
        browser.close()
    megabytes = page.stat().st_size / 1e6
    return Load(megabytes=megabytes, parsed_ms=parsed, used_ms=used, cpu_s=cpu)


def _cpu_s(browser: "Browser") -> float:
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(float(one["cpuTime"]) for one in found if one["type"] in {"renderer", "GPU"})


def _median(loads: list[Load]) -> Load:
    def middle() -> Iterator[tuple[str, float]]:
        for name in Load.__struct_fields__:
            yield name, round(statistics.median(getattr(one, name) for one in loads), 2)

    return Load(**dict(middle()))


def _section(found: Found) -> str:
    ours, theirs = found.report, found.pandas
    state = "idle" if found.load_before < 0.5 * found.cores else "busy with other work"
    rows = [
        ("size, MB", ours.megabytes, theirs.megabytes, 2),
        ("parsed, scripts run, ms", ours.parsed_ms, theirs.parsed_ms, 0),
        ("first table sorted and drawn, ms", ours.used_ms, theirs.used_ms, 0),
        ("CPU of the page, s", ours.cpu_s, theirs.cpu_s, 2),
    ]
    lines = "\n".join(
        f"| {name} | {one:,.{digits}f} | {two:,.{digits}f} | {one / two:.2f} |"
        for name, one, two, digits in rows
    )
    return f"""## Report of {found.readings:,} readings

`gazekit report` of a synthetic dataset (the rows of one repeated under new ids): a table of all
{found.readings:,} readings to sort, filter and page, and {found.pictured} readings with pictures;
beside it `pandas.DataFrame.to_html` of the same table, which has nothing else and cannot sort.
Headless Chromium, a new one each time, in turn; medians of {found.repeats}. The machine was
{state}: {found.cores} cores, load {found.load_before} before the first. Milliseconds are of the
clock, the CPU is that of the browser's renderer until the page was loaded. Writing the report took
{found.write_s} CPU seconds. Made by `python -m benchmarks.pages`.

| | report | pandas | report / pandas |
|---|---|---|---|
{lines}"""


if __name__ == "__main__":
    main()
