"""Skipped files and their reasons, in messages."""

from collections.abc import Sequence

from sr_models.data.sources import Skipped

_SHOWN = 10


def reasons(skipped: Sequence[Skipped]) -> str:
    """Return the end of a message: a line for each skipped file, up to a limit."""
    lines = [f"  {file.name}: {file.reason}" for file in skipped[:_SHOWN]]
    if len(skipped) > _SHOWN:
        lines.append(f"  and {len(skipped) - _SHOWN} more")
    return "".join(f"\n{line}" for line in lines)


def only_one(name: str, skipped: Sequence[Skipped]) -> str:
    """Return the message for a place with a single usable image."""
    needed = "training and validation each need an image"
    return f"only 1 usable image ({name}): {needed}{reasons(skipped)}"


def left_out(skipped: Sequence[Skipped]) -> list[str]:
    """Return what to say if some files are not used; empty if all are."""
    if not skipped:
        return []
    count = "1 file is" if len(skipped) == 1 else f"{len(skipped):,} files are"
    return [f"{count} not used:{reasons(skipped)}"]
