"""Where the server's messages go, in processes of their own, since logging belongs to a process."""

import subprocess
import sys
import textwrap

BEGIN = """
import logging, logging.config
from penstock.server.logs import configure_logging
server, application = logging.getLogger("penstock.server"), logging.getLogger("penstock.application")
"""


def errors_of(code: str) -> str:
    """What a process that runs `code` writes to its standard error."""
    ran = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert ran.stdout == ""
    return ran.stderr


def test_messages_appear_on_the_standard_error_with_time_and_level() -> None:
    lines = errors_of("""
        configure_logging("info")
        server.info("started")
        application.error("failed")
    """).splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == ["INFO started", "ERROR failed"]


def test_a_traceback_follows_its_message() -> None:
    errors = errors_of("""
        configure_logging("info")
        application.error("failed", exc_info=ZeroDivisionError("here"))
    """)
    assert errors.endswith("ERROR failed\nZeroDivisionError: here\n")


def test_less_important_messages_are_left_out() -> None:
    errors = errors_of("""
        configure_logging("warning")
        server.info("quiet")
        server.warning("loud")
    """)
    assert errors.count("\n") == 1


def test_a_second_call_changes_the_level_and_doubles_nothing() -> None:
    errors = errors_of("""
        configure_logging("error")
        configure_logging("debug")
        server.debug("once")
    """)
    assert errors.count("once") == 1


def test_handlers_of_the_user_are_the_only_ones() -> None:
    errors = errors_of("""
        server.addHandler(logging.NullHandler())
        configure_logging("info")
        server.error("elsewhere")
    """)
    assert errors == ""


def test_a_level_of_the_user_stays() -> None:
    errors = errors_of("""
        logging.getLogger("penstock").setLevel("ERROR")
        configure_logging("debug")
        server.warning("quiet")
    """)
    assert errors == ""


def test_a_root_logger_of_the_user_gets_the_messages_once() -> None:
    errors = errors_of("""
        logging.basicConfig(format="theirs: %(message)s")
        configure_logging("info")
        server.info("started")
    """)
    assert errors == "theirs: started\n"


def test_a_root_logger_configured_later_takes_over() -> None:
    errors = errors_of("""
        configure_logging("info")
        logging.basicConfig(format="theirs: %(message)s")
        server.info("started")
    """)
    assert errors == "theirs: started\n"


def test_loggers_that_a_configuration_disabled_unasked_speak_again() -> None:
    errors = errors_of("""
        logging.config.dictConfig({"version": 1})
        assert server.disabled
        configure_logging("info")
        server.info("started")
    """)
    assert errors.endswith("INFO started\n")
