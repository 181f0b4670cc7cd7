"""Takes the pictures of the README and of docs/: one study in the terminal and on its page.

python benchmarks/readme_pictures.py --output docs

It runs `search_spaces/step4.yaml` as it stands, which takes some minutes on two cores, and leaves
terminal.png (the study while it runs), table.png (its end), page-light.png and page-dark.png.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from PIL import Image
from rich.console import Console, RenderableType
from rich.terminal_theme import DIMMED_MONOKAI

from sr_models.cli import run_command
from sr_models.errors import UserError
from tuner.analysis.program import Program
from tuner.analysis.snapshot import open_snapshot
from tuner.analysis.summary import study_summary
from tuner.lifecycle.console import ConsoleReporter
from tuner.lifecycle.preparation import make_console
from tuner.lifecycle.progress import StudyProgress

if TYPE_CHECKING:
    from tuner.core.study import Study
    from tuner.records import Records

SPACE = Path(__file__).parents[1] / "search_spaces" / "step4.yaml"
PROGRAM = Program()
COMMAND = PROGRAM.command("tuner.run", "search_spaces/step4.yaml")
COLUMNS = 80
TAKEN_AT = 12
"""Trials that have ended when the terminal is photographed."""
LAPTOP = {"width": 1366, "height": 820}
THEMES = {"light": "tab=compare&changes=1", "dark": "tab=search"}
"""Theme -> the view that is shown in it, as in the page's address."""


class Photographer(ConsoleReporter):
    """Shows a run as ever, and keeps two pictures of it, as SVG."""

    def __init__(self) -> None:
        super().__init__(make_console(quiet=False), program=PROGRAM)
        self.terminal = ""
        self.table = ""

    @contextmanager
    def running(self, study: "Study", seconds: float | None) -> Iterator[None]:
        """Show the trials, and take a picture once enough of them have ended."""
        progress = StudyProgress(study, self._console, wall_clock=seconds)
        threading.Thread(target=self._wait, args=(study, progress), daemon=True).start()
        with progress.shown():
            yield

    def finished(self, records: "Records") -> None:
        """Take a picture of the end."""
        super().finished(records)
        self.table = picture(study_summary(records, program=PROGRAM))

    def _wait(self, study: "Study", progress: StudyProgress) -> None:
        def is_typical() -> bool:
            running = list(study.state.running.values())
            busy = len(running) == study.workers and all(one.metrics for one in running)
            return study.done >= TAKEN_AT and busy

        while not is_typical():
            time.sleep(0.1)
        self.terminal = picture(progress._render())


def picture(*shown: RenderableType) -> str:
    """What a terminal of 80 columns shows below the command, as SVG."""
    console = Console(width=COLUMNS, record=True, force_terminal=True, file=StringIO())
    console.print(f"$ {COMMAND}", style="dim", highlight=False)
    console.print(*shown)
    console.print()  # or the frame would cut off the last line
    return console.export_svg(title="sr-tuner", theme=DIMMED_MONOKAI)


def readme_pictures(
    output: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("docs"),
    study: Annotated[
        Path | None, typer.Option(help="Not the terminal: a study that has run so.")
    ] = None,
    view: Annotated[
        str | None, typer.Option(help="Another view for both themes, as in the page's address.")
    ] = None,
) -> None:
    """Write terminal.png, table.png, page-light.png and page-dark.png.

    Example: python benchmarks/readme_pictures.py --study results/step4 --view tab=curves
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        raise UserError("this needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch, _browser(chromium) as browser:
        if study is None:
            photographer = Photographer()
            study = _run(Path(scratch), photographer)
            _save_svg(browser, photographer.terminal, output / "terminal.png")
            table = photographer.table
        else:
            table = picture(study_summary(open_snapshot(study), program=PROGRAM))
        _save_svg(browser, table, output / "table.png")
        _save_page(browser, study, view, output)


def _run(folder: Path, photographer: Photographer) -> Path:
    from tuner.lifecycle.run import RunOptions, run_file

    with chdir(folder):  # so that the results lie where they do for everybody
        result = run_file(SPACE, Path("results"), None, RunOptions(), photographer)
    return folder / result.folder


@contextmanager
def _browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--headless", "--no-sandbox", "--disable-gpu"]
        yield playwright.chromium.launch(executable_path=chromium, args=options)


def _save_svg(browser: Any, svg: str, file: Path) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.set_content(f"<body style='margin:0'>{svg}</body>")
    page.locator("svg").screenshot(path=file)
    Image.open(file).convert("RGB").quantize(64).save(file, optimize=True)
    typer.echo(f"wrote {file}")


def _save_page(browser: Any, study: Path, view: str | None, output: Path) -> None:
    from tuner.page import build_page

    with tempfile.TemporaryDirectory() as scratch:
        page_file = Path(scratch) / "page.html"
        page_file.write_text(build_page([study]), encoding="utf-8")
        for theme, at in THEMES.items():
            page = browser.new_page(viewport=LAPTOP, color_scheme=theme)
            page.goto(f"{page_file.as_uri()}#{view or at}")
            page.wait_for_selector(".trial")
            page.wait_for_timeout(800)  # charts and pictures are drawn after the list
            page.screenshot(path=output / f"page-{theme}.png")
            typer.echo(f"wrote {output / f'page-{theme}.png'}")


if __name__ == "__main__":
    run_command(readme_pictures)
