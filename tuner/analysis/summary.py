"""What is shown when a study ends: the comparison, the best trial, failures, what to do next."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from tuner.analysis import commands
from tuner.analysis.comparison import Comparison, compare
from tuner.analysis.formats.terminal import ComparisonTable
from tuner.analysis.outcome import outcome_lines
from tuner.analysis.snapshot import Snapshot, model_file, read_snapshot
from tuner.records import Records, TrialKind

MOST_TRIALS = 20  # of the table; a study may have thousands
_HEADING, _GAP = 7, 2  # columns of text


def study_summary(records: Records | Snapshot, *, reference: str | None = None) -> RenderableType:
    """The end-of-study summary, for `rich.console.Console.print`; fits the console's width.

    Args:
        records: the study.
        reference: the trial that others are compared with; the first baseline by default.

    Raises:
        NoSuchTrialError: no trial has the reference's name.
    """
    study = records if isinstance(records, Snapshot) else read_snapshot(records)
    if reference is None:
        baselines = (t.name for t in study.trials if t.kind is TrialKind.BASELINE)
        reference = next(baselines, None)
    return Summary(study, compare(study, reference=reference, diff_only=True))


class Summary:
    """A table of the trials, and below it a few lines with a heading each."""

    def __init__(self, study: Snapshot, comparison: Comparison) -> None:
        self.study = study
        self.comparison = comparison

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.study.trials:
            yield ComparisonTable(self.comparison, most=MOST_TRIALS)
            yield Text()
        yield lines_table(outcome_lines(self.study, self.comparison))
        indent = _HEADING + _GAP
        for command in next_commands(self.study, self.comparison):
            # Not in the table: it would end the lines in spaces, and so break copied commands.
            lines = commands.wrapped(command, options.max_width - indent).split("\n")
            text = f"\n{' ' * indent}".join(lines)
            yield Text.assemble(("next".ljust(indent), "bold"), text, overflow="fold")


def lines_table(lines: Iterable[tuple[str, str]]) -> Table:
    """Lines of text, each behind its heading."""
    table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    table.add_column(style="bold", no_wrap=True, min_width=_HEADING)
    table.add_column(overflow="fold")
    for heading, text in lines:
        table.add_row(heading, Text(text))
    return table


def next_commands(study: Snapshot, comparison: Comparison) -> list[str]:
    """What can be done now, as commands."""
    best = comparison.best(study.name)
    has_model = best is not None and model_file(study, best.trial) is not None
    has_page = (study.folder / "report.html").is_file()
    unfinished = commands.is_unfinished(study)
    more = commands.more(study)
    return [
        *([commands.resume(study)] if unfinished else []),
        *([] if best is None or has_page else [commands.page(study)]),
        *([commands.export(study)] if has_model else []),
        *([] if unfinished or more is None else [more[1]]),
    ]
