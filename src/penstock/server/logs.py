"""The server's log: `penstock.server` tells what the server does, `penstock.application` what failed.

They are ordinary loggers. Whoever has configured them, or the root logger, decides where their messages go;
for all others they appear on the standard error, one line each, with the traceback below where there is one.
"""

import logging
import sys

NAMES = ("penstock", "penstock.server", "penstock.application")
LINE = "%(asctime)s %(levelname)s %(message)s"


class StandardError(logging.Handler):
    """Writes to what `sys.stderr` is at that time, and keeps silent once the root logger has a handler."""

    def emit(self, record: logging.LogRecord) -> None:
        if logging.getLogger().handlers:
            return  # an application often configures logging while it starts; nothing is to appear twice
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


def configure_logging(level: str) -> None:
    """Let messages from `level` up appear. What the user has set up is left as it is. May be called again."""
    loggers = [logging.getLogger(name) for name in NAMES]
    for each in loggers:
        # dictConfig disables all loggers it finds, unless told not to: nobody means the server's.
        each.disabled = False
    ours = [each for each in loggers[0].handlers if isinstance(each, StandardError)]
    if ours or loggers[0].level == logging.NOTSET:
        loggers[0].setLevel(level.upper())
    if not any(each.handlers for each in loggers):
        handler = StandardError()
        handler.setFormatter(logging.Formatter(LINE))
        loggers[0].addHandler(handler)
