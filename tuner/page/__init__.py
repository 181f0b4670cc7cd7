"""The compare page: studies to look at, from a file or from a server.

study_data: a study as the page's JSON (docs/page-data.md). epoch_columns: its epochs, compact.
importance_data: which settings matter. pictures: the sample pictures of a study; embedded: as many
of them as a file should hold. bundle: the script's modules as one. builder: page and data as one
HTML file. library: the studies of a results folder. server: the same page, live.

The script itself is in `script/`, one module an idea, its order of reading in `script/main.js`.
"""

from tuner.page.builder import build_page

__all__ = ["build_page"]
