"""What is shown when a study ends: the comparison, the best trial, failures, what to do next."""

from collections.abc import Iterable, Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from tuner.analysis.commands import Commands, is_unfinished, wrapped
from tuner.analysis.comparison import Comparison, compare
from tuner.analysis.formats.terminal import ComparisonTable
from tuner.analysis.outcome import advice_text, none_better_text, outcome_lines
from tuner.analysis.program import Program
from tuner.analysis.rows import Row
from tuner.analysis.snapshot import Snapshot, model_file, read_snapshot
from tuner.records import Records, TrialState

MOST_TRIALS = 10  # rows of the table; a study may have thousands
_HEADING, _GAP = 7, 2  # columns of text


def study_summary(
    records: Records | Snapshot,
    *,
    reference: str | None = None,
    program: Program | None = None,
    address: str | None = None,
) -> RenderableType:
    """Return the end-of-study summary, for `rich.console.Console.print`.

    It fits the width of the console.

    Args:
        records: the study.
        reference: the trial that others are compared with; the first baseline by default.
        program: how the commands that continue it are called.
        address: of the Ray cluster that it ran on.

    Raises:
        NoSuchTrialError: no trial has the reference's name.
    """
    study = records if isinstance(records, Snapshot) else read_snapshot(records)
    reference = study.first_baseline if reference is None else reference
    comparison = compare(study, reference=reference, diff_only=True)
    return Summary(comparison, Commands(study, program or Program(), address))


class Summary:
    """A table of the trials, followed by lines with a heading each, and what can be done next."""

    def __init__(self, comparison: Comparison, commands: Commands) -> None:
        self.comparison = comparison
        self.commands = commands

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        study = self.commands.study
        table = ComparisonTable(self.comparison, most=MOST_TRIALS)
        if study.trials:
            yield table
            yield Text()
        yield lines_table(outcome_lines(study, self.comparison))
        yield NextCommands(next_commands(self.commands, self.comparison))


class NextCommands:
    """What can be done next, as commands that can be copied; nothing if there are none."""

    def __init__(self, ways: Iterable[tuple[str, str]]) -> None:
        self.ways = list(ways)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.ways:
            yield Text()
            yield Text("What can be done next", style="bold")
        indent = _HEADING + _GAP
        for word, command in self.ways:
            # Not in a table, whose lines end in spaces, which would break copied commands.
            lines = wrapped(command, options.max_width - indent).split("\n")
            text = f"\n{' ' * indent}".join(lines)
            yield Text.assemble((word.ljust(indent), "bold"), text, overflow="fold")


def lines_table(lines: Iterable[tuple[str, str]]) -> Table:
    """Return lines of text, each after its heading."""
    table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    table.add_column(style="bold", no_wrap=True, min_width=_HEADING)
    table.add_column(overflow="fold")
    for heading, text in lines:
        table.add_row(heading, Text(text))
    return table


def next_commands(commands: Commands, comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield what can be done with a study now: a description, and a command that works as it is.

    Args:
        commands: the commands of the study.
        comparison: the comparison of its trials.
    """
    study = commands.study
    best, retry = comparison.best(study.name), commands.retry()
    if is_unfinished(study) and (retry is None or advice_text(study) is None):
        yield "resume", commands.resume()
    elif retry is not None:
        yield "retry", retry
    if best is not None:
        yield "look", commands.dashboard()
        yield "table", commands.report()
    if best is not None and _can_be_confirmed(study, best):
        yield "confirm", commands.confirm()
    if not is_unfinished(study) and (more := commands.more()) is not None:
        yield "extend", more[1]
    if best is not None and model_file(study, best.trial) is not None:
        yield "export", commands.export()
    useless = none_better_text(study, comparison) is not None
    if best is not None and not useless and (use := commands.use(best.trial)) is not None:
        yield use


def _can_be_confirmed(study: Snapshot, best: Row) -> bool:
    """Whether the best trial has ended, has not been confirmed, and has a seed to change."""
    ended = best.state in (TrialState.COMPLETE, TrialState.STOPPED)
    trial = next(trial for trial in study.trials if trial.number == best.number)
    return ended and best.repeats is None and trial.config.get("seed") is not None
