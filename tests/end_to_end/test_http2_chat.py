"""The chat example in a real browser over HTTP/2: page and WebSocket share a connection (RFC 8441)."""

from collections.abc import Iterator, Sequence

import pytest
from tests.end_to_end.test_chat import CHAT, enter
from tests.support.browser import Browser, chromium
from tests.support.server import RunningServer, running_server

ANY_AUTHORITY = "--ignore-certificate-errors"  # a browser has no option for one of ours


@pytest.fixture
def server(server_command: Sequence[str], tls_options: Sequence[str]) -> Iterator[RunningServer]:
    with running_server(CHAT, *tls_options, command=server_command) as running:
        yield running


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("browser"), ANY_AUTHORITY) as started:
        yield started


def test_two_tabs_talk_to_each_other_over_http_2(browser: Browser, server: RunningServer):
    ada, grace = enter(browser, server, "Ada"), enter(browser, server, "Grace")
    ada.type_line("#text", "Good evening")
    grace.wait_text("#messages .said", "Good evening")
    grace.type_line("#text", "Good evening yourself")
    ada.wait_text("#messages .said", "Good evening yourself")
    grace.close()
    ada.wait_text("#messages .notice", "Grace left.")
    server.wait_line(r'"GET / HTTP/2" 200')
    server.wait_line(r'/chat HTTP/2" 200')
    assert "HTTP/1.1" not in server.output
    assert browser.complaints() == []


def test_the_page_is_told_that_the_server_restarts(browser: Browser, server: RunningServer):
    ada = enter(browser, server, "Ada")
    server.stop()
    ada.wait_text("#state", "reconnecting")
