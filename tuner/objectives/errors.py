"""What is wrong with an objective that somebody has written."""

from sr_models.errors import CodeError


class ObjectiveError(CodeError):
    """The objective breaks its contract: another try would end the same."""
