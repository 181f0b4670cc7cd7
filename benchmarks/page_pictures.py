"""Takes the README's pictures of the compare page: a study's page at a laptop's size, both themes.

python benchmarks/page_pictures.py results/step4 --output docs
"""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sr_models.cli import run_command
from sr_models.errors import UserError

LAPTOP = {"width": 1366, "height": 820}
THEMES = {"light": "tab=compare&changes=1", "dark": "tab=search"}
"""Theme -> the view that is shown in it, as in the page's address."""


def page_pictures(
    study: Annotated[Path, typer.Argument(help="A study's results folder.")],
    output: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("docs"),
    view: Annotated[
        str | None, typer.Option(help="Another view for both, as in the page's address.")
    ] = None,
) -> None:
    """Write page-light.png and page-dark.png.

    Example: python benchmarks/page_pictures.py results/step4 --view "tab=curves&smooth=0.5"
    """
    from playwright.sync_api import sync_playwright

    from tuner.page import build_page

    chromium = shutil.which("chromium")
    if chromium is None:
        raise UserError("this needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page_file = Path(scratch) / "page.html"
        page_file.write_text(build_page([study]), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for theme, at in THEMES.items():
            page = browser.new_page(viewport=LAPTOP, color_scheme=theme)
            page.goto(f"{page_file.as_uri()}#{view or at}")
            page.wait_for_selector(".trial")
            page.wait_for_timeout(800)  # charts and pictures are drawn after the list
            page.screenshot(path=output / f"page-{theme}.png")
            typer.echo(f"wrote {output / f'page-{theme}.png'}")
        browser.close()


if __name__ == "__main__":
    run_command(page_pictures)
