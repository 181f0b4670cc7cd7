"""The way out for a file that cannot be used."""


class Unusable(Exception):  # noqa: N818 - it is a verdict on a file, not an error of ours
    """A file cannot be used; the message is the reason that its reader gets to see."""
