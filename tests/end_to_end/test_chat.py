"""The chat example in a real browser: what is typed in one tab is read in the others."""

from collections.abc import Iterator, Sequence

import pytest
from tests.support.browser import Browser, Tab, chromium
from tests.support.server import RunningServer, running_server

CHAT = "examples/chat/app.py:app"


@pytest.fixture
def server(server_command: Sequence[str]) -> Iterator[RunningServer]:
    with running_server(CHAT, command=server_command) as running:
        yield running


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("browser")) as started:
        yield started


def enter(browser: Browser, server: RunningServer, name: str) -> Tab:
    """A new tab that has joined under the name."""
    tab = browser.open(server.url)
    tab.type_line("#name", name)
    tab.wait_text("#messages .notice", f"You are {name}.")
    return tab


def test_what_is_typed_in_one_tab_appears_in_the_other_and_the_other_way_round(browser, server):
    ada, grace = enter(browser, server, "Ada"), enter(browser, server, "Grace")
    ada.type_line("#text", "Good evening")
    grace.wait_text("#messages .said", "Good evening")
    grace.type_line("#text", "Good evening yourself")
    ada.wait_text("#messages .said", "Good evening yourself")
    assert browser.complaints() == []


def test_those_who_are_there_are_told_who_joins_and_who_leaves(browser, server):
    ada, grace = enter(browser, server, "Ada"), enter(browser, server, "Grace")
    ada.wait_text("#messages .notice", "Grace joined.")
    ada.wait_text("#people", "2 here: Ada, Grace")
    grace.close()
    ada.wait_text("#messages .notice", "Grace left.")
    ada.wait_text("#people", "nobody else is here")


def test_who_comes_later_reads_what_was_said_before(browser, server):
    ada = enter(browser, server, "Ada")
    ada.type_line("#text", "Is anybody there?")
    ada.wait_text("#messages .said.own", "Is anybody there?")
    grace = enter(browser, server, "Grace")
    assert "Is anybody there?" in grace.texts("#messages .said")[0]


def test_a_message_is_shown_as_text_whatever_it_looks_like(browser, server):
    ada, grace = enter(browser, server, "Ada"), enter(browser, server, "<b>Grace</b>")
    grace.type_line("#text", "<img src=x onerror=alert(1)> \N{LATIN SMALL LETTER E WITH ACUTE}")
    ada.wait_text("#messages .said", "<img src=x onerror=alert(1)> \N{LATIN SMALL LETTER E WITH ACUTE}")
    ada.wait_text("#messages .said b", "<b>Grace</b>")


def test_the_page_joins_again_by_itself_after_the_server_was_restarted(browser, server, server_command):
    ada = enter(browser, server, "Ada")
    address = f"127.0.0.1:{server.port}"
    server.stop()
    ada.wait_text("#state", "reconnecting")
    with running_server(CHAT, bind=[address], command=server_command):
        ada.wait_text("#state", "connected")
        ada.type_line("#text", "Back again")
        ada.wait_text("#messages .said.own", "Back again")
