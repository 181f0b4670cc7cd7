"""Reasons why a file cannot be used."""


class Unusable(Exception):  # noqa: N818 - it is a verdict on a file, not an error of ours
    """A file cannot be used, now or later; the message is the reason."""


class Unreadable(Unusable):
    """The machine failed to read a file, which may be a good image: later it may succeed."""
