"""What all commands share: the contract of exit codes, which is sr_models'."""

from typing import TYPE_CHECKING

from sr_models.cli import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_WRONG_USE,
    run_app,
    run_command,
)

if TYPE_CHECKING:
    from tuner.lifecycle.runner import RunResult

__all__ = [
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_WRONG_USE",
    "exit_code",
    "run_app",
    "run_command",
]


def exit_code(result: "RunResult") -> int:
    """0 where a trial has succeeded, 130 for a run that was interrupted."""
    if result.interrupted:
        return EXIT_INTERRUPTED
    return 0 if result.succeeded else EXIT_FAILED
