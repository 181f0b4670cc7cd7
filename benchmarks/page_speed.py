"""How fast the compare page opens and scrolls, from a file and from the dashboard.

Writes a made-up study, builds the page of it, opens it in headless Chromium several times and
prints the best of each figure (for other work on the machine can only slow it down). With
`--plotly` the four curve charts are drawn with plotly.js as well, to compare.

    python benchmarks/page_speed.py --trials 2000 --epochs 50
    python benchmarks/page_speed.py --trials 1000 --epochs 15 --pictures 20
    python benchmarks/page_speed.py --trials 10000 --epochs 10
"""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sr_models.cli import run_command
from sr_models.errors import UserError

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROUNDS = 5
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
SCROLL = """async ([selector, x, y]) => {
  const element = document.querySelector(selector);
  const frames = [];
  for (let step = 0; step < 60; step += 1) {
    const start = performance.now();
    element.scrollBy(x, y);
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - start);
  }
  return frames.sort((a, b) => a - b)[Math.floor(0.95 * frames.length)];
}"""
TAB = """async (tab) => {
  const start = performance.now();
  document.getElementById(`tab-${tab}`).click();
  for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def page_speed(
    trials: Annotated[int, typer.Option(min=8, help="Trials of the study.")] = 2000,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs of every trial.")] = 50,
    pictures: Annotated[int, typer.Option(min=0, help="Pictures of every trial.")] = 0,
    plotly: Annotated[bool, typer.Option("--plotly", help="Compare with plotly.js.")] = False,
) -> None:
    """Measure the compare page.

    Example: python benchmarks/page_speed.py --trials 2000 --epochs 50
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = _write(Path(scratch) / "results" / "study", trials, epochs)
        if pictures:
            _write_pictures(folder, pictures // 2)
        figures = dict(_figures(folder, Path(scratch), plotly=plotly))
    what = f"{trials} trials by {epochs} epochs, {pictures} pictures each"
    table = Table("What", "Measured", title=what)
    for name, figure in figures.items():
        table.add_row(name, figure)
    Console().print(table)


def _write(folder: Path, trials: int, epochs: int) -> Path:
    # the made-up studies belong to the tests, which are not installed
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.studies import write_study

    return write_study(folder, trials=trials, epochs=epochs, stopping=False, failures=False)


def _write_pictures(folder: Path, images: int) -> None:
    """Give every trial the last pictures of one: two outputs of so many images."""
    from tests.studies import write_study
    from tuner.records import Records

    one = write_study(folder.parent.parent / "one" / "study", trials=1, pictures=images)
    shutil.copytree(one / "pictures", folder / "pictures")
    made = sorted(one.glob("trials/*/pictures/epoch-*"))[-1]
    with Records.open(folder) as records:
        names = [trial.name for trial in records.trials()]
    for name in names:
        shutil.copytree(made, folder / "trials" / name / "pictures" / made.name)


def _figures(folder: Path, scratch: Path, *, plotly: bool) -> Iterator[tuple[str, str]]:
    from tuner.page import build_page

    start = time.perf_counter()
    html = build_page([folder])
    yield "file: made in", f"{time.perf_counter() - start:.1f} s"
    yield "file: size", f"{len(html.encode()) / 1e6:.1f} MB"
    data = html.split('id="page-data">')[1].split("</script>")[0]
    frame = html.partition('<script type="application/json" id="pictures')[0]
    yield "page without data: size", f"{(len(frame) - len(data)) / 1e3:.0f} kB"
    path = scratch / "page.html"
    path.write_text(html, encoding="utf-8")
    with _browser() as new_page, _dashboard(folder.parent) as address:
        yield "file: opens in", _milliseconds(_open(new_page, path.as_uri()))
        yield "dashboard: opens in", _milliseconds(_open(new_page, address))
        yield from _touched(new_page, path.as_uri())
        if plotly:
            yield from _plotly(new_page, folder, scratch)


def _open(new_page: "Callable[[], Page]", address: str) -> float:
    """Milliseconds from following the link to the drawn list and table."""

    def once() -> float:
        page = new_page()
        page.goto(address)
        page.wait_for_selector(".trial")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        taken = float(page.evaluate("() => performance.now()"))
        page.context.close()
        return taken

    return min(once() for _ in range(ROUNDS))


def _touched(new_page: "Callable[[], Page]", address: str) -> Iterator[tuple[str, str]]:
    page = new_page()
    page.goto(address)
    page.wait_for_selector(".trial")
    for what, where in (
        ("table, sideways", [".table-scroll", 400, 0]),
        ("list of trials", [".trial-grid", 0, 300]),
    ):
        frame = min(float(page.evaluate(SCROLL, where)) for _ in range(ROUNDS))
        yield f"scrolling the {what}: 95 % of frames within", _milliseconds(frame)
    for tab in ("trials", "curves", "search", "pictures", "study", "compare"):
        yield f"to {tab}", _milliseconds(float(page.evaluate(TAB, tab)))
    page.context.close()


def _plotly(
    new_page: "Callable[[], Page]", folder: Path, scratch: Path
) -> Iterator[tuple[str, str]]:
    """The four charts of the Curves view, a line a trial, as plotly draws them."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from tuner.analysis.snapshot import open_snapshot

    names = ("validation/psnr", "train/psnr", "validation/loss", "train/loss")
    figure = make_subplots(rows=2, cols=2, subplot_titles=names)
    for rows in open_snapshot(folder).epochs.values():
        for place, name in enumerate(names):
            line = go.Scattergl(
                x=[row.epoch for row in rows],
                y=[row.metrics[name] for row in rows],
                mode="lines",
                showlegend=False,
            )
            figure.add_trace(line, row=place // 2 + 1, col=place % 2 + 1)
    path = scratch / "plotly.html"
    start = time.perf_counter()
    figure.write_html(path, include_plotlyjs=True)
    yield "plotly, the curves alone: made in", f"{time.perf_counter() - start:.1f} s"
    yield "plotly, the curves alone: size", f"{path.stat().st_size / 1e6:.1f} MB"
    page = new_page()
    page.set_default_timeout(120_000)
    page.goto(path.as_uri(), timeout=120_000)
    page.wait_for_selector(".main-svg .xtick")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    taken = float(page.evaluate("() => performance.now()"))
    yield "plotly, the curves alone: opens in", _milliseconds(taken)
    page.context.close()


@contextmanager
def _browser() -> "Iterator[Callable[[], Page]]":
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise UserError("this benchmark needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield lambda: browser.new_page(viewport={"width": 1366, "height": 768})
        browser.close()


@contextmanager
def _dashboard(results: Path) -> Iterator[str]:
    import uvicorn

    from tuner.dashboard import listen
    from tuner.page.library import Library
    from tuner.page.server import create_app

    library = Library(results)
    library.warm()
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(library), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    server.should_exit = True
    thread.join(timeout=10)


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms"


if __name__ == "__main__":
    run_command(page_speed)
