"""What a study's run shows when it ends."""

from rich.console import RenderableType

from tuner.records import Records


def study_summary(records: Records, *, reference: str | None = None) -> RenderableType:
    """The end-of-study summary, for `rich.console.Console.print`; fits the console's width.

    Args:
        records: the study.
        reference: the trial that others are compared with; the first baseline by default.
    """
    raise NotImplementedError
