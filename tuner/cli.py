"""What all commands share: the contract of exit codes, which is sr_models'."""

from sr_models.cli import (
    EXIT_FAILED,
    EXIT_WRONG_USE,
    run_app,
    run_command,
)

__all__ = [
    "EXIT_FAILED",
    "EXIT_WRONG_USE",
    "run_app",
    "run_command",
]
