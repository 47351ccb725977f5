"""What the process tells whoever started it: one exit code for each way of ending.

The codes are part of the interface: unit files and scripts decide by them whether a restart can help. A
number once given away keeps its meaning.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    meaning: str

    def __new__(cls, number: int, meaning: str) -> "ExitCode":
        code = int.__new__(cls, number)
        code._value_ = number
        code.meaning = meaning
        return code

    CLEAN = 0, "the server drained: what ran was finished or told to go"
    UNEXPECTED = 1, "an error that nobody foresaw, with its traceback"
    USAGE = 2, "an option, a setting or an argument cannot be used"
    APPLICATION = 3, "the application cannot be imported, is not there, or cannot be called"
    BIND = 4, "an address cannot be listened on"
    TLS = 5, "certificate, key or authorities are missing, wrong, or do not belong together"
    LIFESPAN = 6, "the application's start-up failed, or took too long"
