"""`wsgi.errors`: a text stream whose lines become records of the log.

One for all requests. What has no line end yet waits for it, for each thread by itself, so that lines do
not mix.
"""

import logging
import sys
from collections.abc import Iterable
from threading import get_ident

LOGGER = logging.getLogger("penstock.application")
LONGEST_LINE = 65536  # characters that wait for their line end


class ErrorStream:
    """Whole lines that are written together, a traceback for example, are one record. `begun` are the lines
    without an end, by the number of their thread.
    """

    def __init__(self) -> None:
        self.begun: dict[int, str] = {}
        self._logging: set[int] = set()

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"wsgi.errors was given a {type(text).__name__}; expected a str")
        thread = get_ident()
        whole, end, rest = (self.begun.pop(thread, "") + text).rpartition("\n")
        if rest:
            self.begun[thread] = rest
        if end:
            self._log(whole)
        if len(rest) > LONGEST_LINE:
            self.flush()
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        begun = self.begun.pop(get_ident(), "")
        if begun:
            self._log(begun)

    def _log(self, text: str) -> None:
        """A handler of the log may itself write here, as Flask's does: then it has to end somewhere."""
        thread = get_ident()
        if thread in self._logging:
            sys.stderr.write(text + "\n")
            return
        self._logging.add(thread)
        try:
            LOGGER.error("%s", text)
        finally:
            self._logging.discard(thread)
