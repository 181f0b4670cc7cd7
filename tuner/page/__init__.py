"""The compare page: studies to look at, from a file or from a server.

study_data: a study as the page's JSON (docs/page-data.md). epoch_columns: its epochs, compact.
stats: values that follow from the epochs. analysis_data: importance and Pareto fronts. pictures:
the sample pictures of a study; embedded: as many of them as a file should hold. trial_files: the
files of a trial. bundle: the script's modules in a single file. builder: page and data in a single
HTML file. library: the studies of a results folder. server: the same page, live. note_change: what
a page may write.

The script itself is in `script/`, a module for each idea; `script/main.js` is the place to start.
"""

from tuner.page.builder import build_page

__all__ = ["build_page"]
