"""The ways out for a file that cannot be used."""


class Unusable(Exception):  # noqa: N818 - it is a verdict on a file, not an error of ours
    """A file cannot be used, today or tomorrow; the message is the reason for its reader."""


class Unreadable(Unusable):
    """The machine failed to read a file, which may be a good image: tomorrow it may succeed."""
