"""The errors of the program: one root, three kinds, each saying what, where and what to do."""


class RingfenceError(Exception):
    """The root of all errors that the program raises on purpose."""


class ProtocolError(RingfenceError):
    """The other side sent something malformed."""


class UsageError(RingfenceError):
    """The user asked for something that makes no sense; exit code 2."""


class DriverError(RingfenceError):
    """The world did not co-operate (a missing path, no permission); exit code 3."""
