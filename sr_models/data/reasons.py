"""What is skipped and why, in messages."""

from collections.abc import Sequence

from sr_models.data.sources import Skipped

_SHOWN = 10


def reasons(skipped: Sequence[Skipped]) -> str:
    """The end of a message: a line for each, but not hundreds."""
    lines = [f"  {file.name}: {file.reason}" for file in skipped[:_SHOWN]]
    if len(skipped) > _SHOWN:
        lines.append(f"  and {len(skipped) - _SHOWN} more")
    return "".join(f"\n{line}" for line in lines)


def only_one(name: str, skipped: Sequence[Skipped]) -> str:
    """The message for a place with a single image that can be used."""
    return f"only 1 usable image ({name}): training and validation need one each{reasons(skipped)}"


def left_out(skipped: Sequence[Skipped]) -> list[str]:
    """What to say where files are not used; nothing where all are."""
    if not skipped:
        return []
    count = "1 file is" if len(skipped) == 1 else f"{len(skipped):,} files are"
    return [f"{count} not used:{reasons(skipped)}"]
