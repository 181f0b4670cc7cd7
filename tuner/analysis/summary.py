"""What is shown when a study ends: the comparison, the best trial, failures, what to do next."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from sr_models.plain_text import one_line
from tuner.analysis import commands
from tuner.analysis.columns import short_names
from tuner.analysis.comparison import Comparison, compare
from tuner.analysis.confirmed import Confirmed, confirmed
from tuner.analysis.formats.terminal import ComparisonTable
from tuner.analysis.model_files import model_file
from tuner.analysis.report_scale import PSNR
from tuner.analysis.rows import Row
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.analysis.utilization import utilization
from tuner.analysis.values import (
    metric_text,
    number_text,
    seconds_text,
    setting_text,
    unit,
)
from tuner.records import EventKind, Records, TrialKind, TrialState

MOST_TRIALS = 20  # of the table; a study may have thousands
MOST_FAILURES = 5
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


def outcome_lines(study: Snapshot, comparison: Comparison) -> Iterator[tuple[str, str]]:
    """What came out of a study, as pairs of a heading and a text."""
    best = comparison.best(study.name)
    if best is not None:
        yield "best", best_text(study, best)
        yield "", settings_text(best)
    for repeated in confirmed(study, comparison):
        yield "seeds", confirmed_text(study.metric, repeated)
    yield "trials", counts_text(study)
    for text in failure_texts(study):
        yield "failed", text
    if (busy := utilization_text(study)) is not None:
        yield "workers", busy
    page = study.folder / "report.html"
    yield "results", one_line(str(study.folder)) + (f", page {page.name}" if page.is_file() else "")


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


def best_text(study: Snapshot, best: Row) -> str:
    """Which trial won, its value and when, against bicubic, and on the report's scale."""
    parts = [f"{one_line(best.trial)}: {score_text(study.metric, best)}"]
    if best.gain is not None:
        place = "above" if best.gain >= 0 else "below"
        parts.append(f"{abs(best.gain):.2f} dB {place} bicubic")
    if PSNR in best.report_scale:
        parts.append(f"{best.report_scale[PSNR]:.3f} on the report's scale")
    return ", ".join(parts)


def score_text(metric: str | None, row: Row) -> str:
    """A trial's best value of a metric with its unit, and the epoch that reached it."""
    assert metric is not None
    found = row.metrics[metric]
    value = " ".join(filter(None, [metric_text(metric, found.best), unit(metric)]))
    epoch = "" if found.best_epoch is None else f" in epoch {found.best_epoch} of {row.epochs}"
    return f"{metric} {value}{epoch}"


def confirmed_text(metric: str | None, found: Confirmed) -> str:
    """What a trial reached under other seeds, and what it was chosen for."""
    assert metric is not None
    spread = "" if found.deviation is None else f" ± {number_text(found.deviation, 2)}"
    mean = f"{metric} {metric_text(metric, found.mean)}{spread}"
    value = " ".join(filter(None, [mean, unit(metric)]))
    seeds = _counted(len(found.values), "other seed")
    others = f", {found.others} without a result" if found.others else ""
    chosen = metric_text(metric, found.row.best(metric))
    return f"{one_line(found.row.trial)}: {value} over {seeds}{others}, {chosen} as it was found"


def settings_text(row: Row) -> str:
    """A trial's settings, those that it has."""
    names = short_names(row.params)
    shown = [
        f"{names[path]} {setting_text(value)}"
        for path, value in row.params.items()
        if value is not None
    ]
    return ", ".join(shown)


def counts_text(study: Snapshot) -> str:
    """How many trials there are, by state, and how many proposals were never trained."""
    counts = Counter(trial.state for trial in study.trials)
    states = ", ".join(f"{counts[state]} {state}" for state in TrialState if counts[state])
    epochs = sum(map(len, study.epochs.values()))
    broken = sum(event.kind is EventKind.INFEASIBLE for event in study.events)
    text = f"{len(study.trials)}: {states}; {_counted(epochs, 'epoch')}" if states else "none"
    return f"{text}; {_counted(broken, 'proposal')} broke a constraint" if broken else text


def failure_texts(study: Snapshot) -> list[str]:
    """The errors, the most frequent first, and the trials that had them."""
    names: dict[str, list[str]] = defaultdict(list)
    for trial in study.trials:
        if trial.state is TrialState.FAILED:
            names[one_line(trial.error or trial.reason or "no reason was recorded")].append(
                one_line(trial.name)
            )
    kinds = sorted(names, key=lambda error: -len(names[error]))
    shown = [f"{_some(names[error])}: {error}" for error in kinds[:MOST_FAILURES]]
    more = sum(len(names[error]) for error in kinds[MOST_FAILURES:])
    return [*shown, f"and {more} more"] if more else shown


def utilization_text(study: Snapshot) -> str | None:
    """How busy the workers were (see `tuner.analysis.utilization`)."""
    busy = utilization(study)
    if busy.ratio is None:
        return None
    workers = _counted(busy.workers, "worker")
    times = f"{seconds_text(busy.training)} of {seconds_text(busy.available)}"
    return f"{workers}, training {busy.ratio:.1%} of the time ({times})"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _some(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
