"""What the process tells whoever started it: one exit code for each way of ending.

The codes are part of the interface: unit files and scripts decide by them whether a restart can help. A
number once given away keeps its meaning.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    CLEAN = 0
    """The server drained: what ran was finished or told to go."""

    UNEXPECTED = 1
    """An error that nobody foresaw; its traceback was logged."""

    USAGE = 2
    """An option, a setting or an argument cannot be used."""

    APPLICATION = 3
    """The application cannot be imported, is not there, or cannot be called."""

    BIND = 4
    """An address cannot be listened on."""

    TLS = 5
    """Certificate, key or authority file are missing, wrong, or do not belong together."""

    LIFESPAN = 6
    """The application's start-up failed, or took too long."""
