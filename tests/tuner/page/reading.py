"""What a test reads off the page."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page


def settle(page: "Page") -> None:
    """Wait until what was clicked on has been drawn."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def choices(page: "Page") -> dict[str, list[str]]:
    """The choices in the page's address."""
    settle(page)
    return parse_qs(urlsplit(page.url).fragment, keep_blank_values=True)


def listed(page: "Page") -> list[str]:
    """The names in the list of trials, from the top."""
    settle(page)
    rows = page.locator(".trial").evaluate_all(
        "rows => rows.map(row => [Number(row.ariaRowIndex ?? row.getAttribute('aria-rowindex')),"
        " row.querySelector('bdi').textContent])"
    )
    return [name for _, name in sorted(rows)]


def columns(page: "Page") -> list[str]:
    """The names of the compare table's trials, from the left."""
    settle(page)
    names = page.locator(".table-scroll thead th .column-name").evaluate_all(
        "names => names.map(name => (name.querySelector('bdi') ?? name).textContent)"
    )
    return [str(name) for name in names]


def row_labels(page: "Page") -> list[str]:
    """The labels of the compare table's rows."""
    settle(page)
    return [
        text.replace("▲", "").replace("▼", "").strip()
        for text in page.locator(".table-scroll .row-label").all_inner_texts()
    ]


def row(page: "Page", identity: str) -> dict[str, str]:
    """One row of the compare table: column -> text."""
    settle(page)
    cells = page.locator(f".table-scroll tr[data-row='{identity}'] td:not(.space)")
    return dict(zip(columns(page), cells.all_inner_texts(), strict=True))


def ink(page: "Page", chart: str, canvas: int = 0) -> int:
    """How many pixels of a chart's canvas are drawn on: 0 lower, 1 what is lit."""
    return int(
        page.locator(chart)
        .first.locator("canvas")
        .nth(canvas)
        .evaluate(
            """canvas => {
              if (!canvas.width) return 0;
              const copy = document.createElement("canvas");
              Object.assign(copy, { width: canvas.width, height: canvas.height });
              const context = copy.getContext("2d", { willReadFrequently: true });
              context.drawImage(canvas, 0, 0);
              const { data } = context.getImageData(0, 0, copy.width, copy.height);
              let count = 0;
              for (let i = 3; i < data.length; i += 4) if (data[i]) count += 1;
              return count;
            }"""
        )
    )


def wait_for(page: "Page", condition: str, *, timeout: float = 30_000) -> Any:
    """Wait until a JavaScript expression holds."""
    # as a function: the page's policy forbids eval, which a plain text would need
    return page.wait_for_function(f"() => {condition}", timeout=timeout)
