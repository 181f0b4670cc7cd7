"""Printing the comparison of one or several studies from disk, while they run or afterwards."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from sr_models.errors import UserError
from sr_models.plain_text import plain_text
from tuner.cli import run_command

if TYPE_CHECKING:
    from tuner.analysis.comparison import Comparison


class Format(StrEnum):
    """The format of a comparison."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


_BY_SUFFIX = {
    ".md": Format.MARKDOWN,
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".html": Format.HTML,
    ".htm": Format.HTML,
}
_SUFFIXES = {
    Format.TABLE: (".txt", ".log"),
    Format.MARKDOWN: (".md", ".txt"),
    Format.CSV: (".csv", ".txt"),
    Format.JSON: (".json",),
    Format.HTML: (".html", ".htm"),
}
"""Files that may be replaced: those that look like an earlier output."""
_UNLIMITED = 10_000  # columns of text, if nothing limits them


def report(
    studies: Annotated[
        list[Path], typer.Argument(metavar="STUDY", help="Results folders, side by side.")
    ],
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default from the ending of --output, else table."),
    ] = None,
    diff_only: Annotated[
        bool, typer.Option("--diff-only", help="Leave out settings that all trials share.")
    ] = False,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="TRIAL",
            help="Mark what differs from this trial (STUDY/TRIAL for several studies; or `best`).",
        ),
    ] = None,
    best_of_each: Annotated[
        bool,
        typer.Option(
            "--best-of-each",
            help="The best value of each metric, not the values at each trial's best epoch.",
        ),
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write here instead of printing.")
    ] = None,
) -> None:
    """Compare the trials of studies: a row for each, best first, beside their baseline.

    Example: python -m tuner.report results/step4 --diff-only --reference AS-24

    The numbers of a row are those of the trial's best epoch, so they belong to the same checkpoint;
    --best-of-each shows the best value of each metric instead. CSV and JSON hold both.

    A study may be running. Several studies are a single table with a column for the study, or a
    list in JSON. `--format html` writes the compare page: to report.html in the study's folder, or
    in the current folder for several studies, unless --output is given; --diff-only and --reference
    are then part of the address that is printed.
    """
    chosen = form or _BY_SUFFIX.get(output.suffix.lower() if output else "", Format.TABLE)
    from tuner.analysis.comparison import compare_studies
    from tuner.analysis.load import open_snapshots
    from tuner.analysis.writing import check_output

    read = open_snapshots(studies)
    if output is not None:
        check_output(output, _SUFFIXES[chosen], [study.folder for study in read])
    if chosen is Format.TABLE and reference is None and len(read) == 1:
        reference = read[0].first_baseline  # as at the end of `run`
    comparison = compare_studies(
        read, reference=reference, diff_only=diff_only, best_of_each=best_of_each
    )
    if chosen is Format.HTML:
        _write_page(comparison, output, diff_only=diff_only)
    else:
        _emit(_text(comparison, chosen, diff_only=diff_only, to_file=output is not None), output)


def _text(comparison: "Comparison", form: Format, *, diff_only: bool, to_file: bool) -> str:
    if form is Format.MARKDOWN:
        from tuner.analysis.formats.markdown import markdown

        return markdown(comparison)
    if form is Format.CSV:
        from tuner.analysis.formats.spreadsheet import spreadsheet

        return _seen(spreadsheet(comparison), to_file=to_file)
    if form is Format.JSON:
        from tuner.analysis.formats.document import document

        return _seen(document(comparison), to_file=to_file)
    limited = not to_file and sys.stdout.isatty()
    return _table(comparison, limited=limited, diff_only=diff_only)


def _seen(text: str, *, to_file: bool) -> str:
    """Data unchanged for programs; on a terminal without control characters."""
    return plain_text(text) if not to_file and sys.stdout.isatty() else text


def _table(comparison: "Comparison", *, limited: bool, diff_only: bool) -> str:
    """The table and what came out, as wide as the terminal, or as it takes where there is none.

    On a terminal also what can be done next: elsewhere nobody types it.
    """
    from rich.console import Console

    from tuner.analysis.commands import Commands
    from tuner.analysis.formats.terminal import ComparisonTable
    from tuner.analysis.outcome import outcome_lines
    from tuner.analysis.program import program_here
    from tuner.analysis.summary import NextCommands, lines_table, next_commands

    console = Console() if limited else Console(width=_UNLIMITED, color_system=None)
    with console.capture() as capture:
        console.print(ComparisonTable(comparison, settings_first=diff_only))
        for study in comparison.studies:
            heading = [("study", study.name)] if len(comparison.studies) > 1 else []
            console.print()
            console.print(lines_table([*heading, *outcome_lines(study, comparison)]))
            if limited and len(comparison.studies) == 1:
                commands = Commands(study, program_here())
                console.print(NextCommands(next_commands(commands, comparison)))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _write_page(comparison: "Comparison", output: Path | None, *, diff_only: bool) -> None:
    from tuner.analysis.writing import write_whole
    from tuner.page import build_page

    folders = [study.folder for study in comparison.studies]
    place = output or (folders[0] if len(folders) == 1 else Path()) / "report.html"
    try:
        write_whole(place, build_page(folders).encode("utf-8", errors="backslashreplace"))
    except UserError as error:
        if output is not None:
            raise
        raise UserError(f"{error}; say where with --output FILE") from error
    typer.echo(f"wrote {place}")
    if view := _view(comparison, diff_only=diff_only):
        typer.echo(f"open {place.absolute().as_uri()}#{urlencode(view)}")


def _view(comparison: "Comparison", *, diff_only: bool) -> dict[str, str]:
    """The options as choices of the page, which keeps them in its address."""
    reference = comparison.reference
    return {
        **({} if reference is None else {"ref": f"{reference.number}@{reference.study}"}),
        **({} if reference is None else {"changes": "1"}),
        **({"diff": "1"} if diff_only else {}),
    }


def _emit(text: str, output: Path | None) -> None:
    # Names may hold lone surrogates, from file names that are not text, which UTF-8 cannot encode.
    content = text.encode("utf-8", errors="backslashreplace")
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        from tuner.analysis.writing import write_whole

        write_whole(output, content)
        if output.is_file():  # not for a pipe, which holds only the output
            typer.echo(f"wrote {output}")


if __name__ == "__main__":
    run_command(report)
