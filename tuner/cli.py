"""What all commands share: the contract of exit codes, which is sr_models'."""

from sr_models.cli import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_WRONG_USE,
    run_app,
    run_command,
)

__all__ = [
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_WRONG_USE",
    "exit_code",
    "run_app",
    "run_command",
]


def exit_code(*, interrupted: bool, succeeded: int) -> int:
    """130 after an interruption; else 0 where any trial has succeeded, and 1 where none has."""
    if interrupted:
        return EXIT_INTERRUPTED
    return 0 if succeeded else EXIT_FAILED
