"""The error of an objective that does not keep its contract."""

from sr_models.errors import CodeError


class ObjectiveError(CodeError):
    """The objective breaks its contract, so another try would end the same way."""
