"""`wsgi.errors`: a text stream whose lines become records of the log.

One for all requests. What has no line end yet waits for it, for each thread by itself, so that lines do
not mix.
"""

import logging
import sys
import threading
from collections.abc import Iterable

LOGGER = logging.getLogger("penstock.application")
LONGEST_LINE = 65536  # characters that wait for their line end


class ErrorStream:
    """Whole lines that are written together, a traceback for example, are one record."""

    def __init__(self) -> None:
        self._of_thread = _Lines()

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"wsgi.errors was given a {type(text).__name__}; expected a str")
        whole, end, rest = (self._of_thread.begun + text).rpartition("\n")
        self._of_thread.begun = rest
        if end:
            self._log(whole)
        if len(rest) > LONGEST_LINE:
            self.flush()
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        begun, self._of_thread.begun = self._of_thread.begun, ""
        if begun:
            self._log(begun)

    def _log(self, text: str) -> None:
        """A handler of the log may itself write here, as Flask's does: then it has to end somewhere."""
        if self._of_thread.logging:
            sys.stderr.write(text + "\n")
            return
        self._of_thread.logging = True
        try:
            LOGGER.error("%s", text)
        finally:
            self._of_thread.logging = False


class _Lines(threading.local):
    begun = ""
    logging = False
