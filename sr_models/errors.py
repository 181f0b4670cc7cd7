"""Errors that are meant for the person at the keyboard."""


class UserError(ValueError):
    """Something that the user can fix: the message says what, where and how. Exit code 2."""


class WorkFailedError(UserError):
    """The work cannot continue, through no fault of the settings: a full disk. Exit code 1."""


class DataError(UserError):
    """No usable images, a missing folder, or a failed download."""


class WeightsError(UserError):
    """Pretrained weights or a model file that are not available or do not fit."""


class CodeError(UserError):
    """The user's own code cannot be imported, or is not what it should be."""


class NonFiniteError(RuntimeError):
    """A loss or a metric became NaN or infinite: the trial has failed, the study continues."""
