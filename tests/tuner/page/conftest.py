"""A real browser, studies to show in it, and the page opened both ways: from a file, from a server.

Chromium is Debian's. Where there is none the tests are skipped, saying so, but not in CI.
"""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.studies import write_study
from tuner.page import build_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAPTOP = {"width": 1366, "height": 768}

# Copied text is kept where a test can read it; a page from a file may not touch the clipboard.
KEEP_COPIES = """
  Object.defineProperty(navigator, "clipboard", {
    value: { writeText: async (text) => { window.copied = text; } },
  });
"""


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Headless Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        message = "needs Chromium (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


class Pages:
    """Pages to be used again, for making one costs more than most tests, and what they said."""

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser
        self._idle: list[Page] = []
        self._busy: list[Page] = []
        self.complaints: list[str] = []
        self.addresses: list[str] = []

    def take(self, color_scheme: Literal["light", "dark"] = "light") -> "Page":
        """A blank page, for a system of this theme."""
        page = self._idle.pop() if self._idle else self._make()
        if color_scheme != "light":
            page.emulate_media(color_scheme=color_scheme)
        self._busy.append(page)
        return page

    def put_back(self) -> None:
        """End a test."""
        for page in self._busy:
            page.context.set_offline(False)
            page.set_viewport_size(LAPTOP)
            if page.url.startswith(("file:", "http:")):
                page.evaluate("() => localStorage.clear()")
            page.emulate_media(color_scheme="light")
            page.goto("about:blank")
            page.mouse.move(0, 0)
            self._idle.append(page)
        self._busy.clear()

    def _make(self) -> "Page":
        context = self._browser.new_context(viewport=LAPTOP)
        context.add_init_script(KEEP_COPIES)
        page = context.new_page()
        page.set_default_timeout(30_000)  # a busy machine may keep it waiting
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.addresses.append(request.url))
        return page

    def _hear(self, message: Any) -> None:
        # a test that takes the server or a picture away expects the browser to say so
        expected = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def pages(browser: "Browser") -> Pages:
    return Pages(browser)


@pytest.fixture
def new_page(pages: Pages) -> "Iterator[Callable[..., Page]]":
    """Gives pages; at the end of the test none of them may have complained or gone elsewhere."""
    pages.complaints.clear()
    pages.addresses.clear()
    yield pages.take
    pages.put_back()
    assert pages.complaints == []
    own = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:")
    assert [url for url in pages.addresses if not url.startswith(own)] == []


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder: step4 with pictures, its neighbour step5, and a hostile one."""
    folder = tmp_path_factory.mktemp("page") / "results"
    sizes = (24, 48)
    write_study(folder / "step4", trials=14, epochs=9, pictures=2, picture_sizes=sizes)
    write_study(folder / "step5", trials=8, epochs=6, seed=5, pictures=1, picture_sizes=sizes)
    write_study(folder / "hostile", trials=14, hostile=True, pictures=1, picture_sizes=sizes)
    return folder


@pytest.fixture(scope="session")
def files(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The address of the page as a file, for some of the studies."""
    folder = tmp_path_factory.mktemp("files")

    def write(*names: str) -> str:
        path = folder / f"{'-'.join(names)}.html"
        if not path.exists():
            path.write_text(build_page([results / name for name in names]), encoding="utf-8")
        return path.as_uri()

    return write


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves results folders; gives the address."""
    import uvicorn

    from tuner.page.library import Library
    from tuner.page.server import create_app

    running: list[tuple[uvicorn.Server, threading.Thread]] = []
    addresses: dict[Path, str] = {}

    def start(folder: Path) -> str:
        if folder in addresses:
            return addresses[folder]
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_app(Library(folder), every=0.3), log_level="error", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        running.append((server, thread))
        addresses[folder] = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        return addresses[folder]

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=10)


BOTH_WAYS = pytest.mark.parametrize("opened", ["file", "server"], indirect=True)
"""For what depends on where the page comes from: its address, its pictures, its data as they load.

All else is shown from the file: the server gives out the same script, style and data, which
test_server compares.
"""


@pytest.fixture
def opened(
    request: pytest.FixtureRequest,
    results: Path,
    files: Callable[..., str],
    serve: Callable[[Path], str],
    new_page: "Callable[..., Page]",
) -> "Callable[..., Page]":
    """Opens the page of some studies at an address: from a file, or as BOTH_WAYS says."""
    way = getattr(request, "param", "file")

    def open_page(*names: str, at: str = "", **options: Any) -> "Page":
        names = names or ("step4",)
        page = new_page(**options)
        if way == "file":
            page.goto(f"{files(*names)}#{at}")
        else:
            chosen = "&".join(f"study={name}" for name in names)
            page.goto(f"{serve(results)}#{chosen}&{at}")
        page.wait_for_selector(".trial")
        return page

    return open_page
