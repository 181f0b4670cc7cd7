"""Errors that are meant for the person at the keyboard."""


class UserError(ValueError):
    """Something the user can mend: the message says what, where and how. Exit code 2."""


class WorkFailedError(UserError):
    """The work cannot go on, through no fault of the settings: a full disk. Exit code 1."""


class DataError(UserError):
    """No usable images, a folder that is not there, a download that failed."""


class WeightsError(UserError):
    """Pretrained weights or a model file that cannot be had or do not fit."""


class CodeError(UserError):
    """Somebody's own code that cannot be imported, or is not what it should be."""


class NonFiniteError(RuntimeError):
    """A loss or a metric became NaN or infinite: the trial has failed, the study goes on."""
