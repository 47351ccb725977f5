"""The life of a process: the loop is made in the process that serves, and shut down with it."""

import subprocess
import sys
from pathlib import Path

import pytest

import penstock

SOURCE = Path(str(penstock.__file__)).resolve().parents[1]
ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, os, sys, threading
from penstock.adapters import AsgiToWsgi
from tests.adapters.asgi_to_wsgi.apps import respond
from tests.adapters.asgi_to_wsgi.wsgi_server import ask, begin

def say(text):
    os.write(1, f"{text}\\n".encode())

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        say(f"startup {os.getpid() == first}")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(say, f"shutdown {os.getpid() == first}")
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["path"] == "/endless":
        await send({"type": "http.response.start", "status": 200})
        while True:
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
            await asyncio.sleep(0.01)
    else:
        await respond(send, b"hello")

first = os.getpid()
adapter = AsgiToWsgi(app)
"""


def output_of(program: str) -> list[str]:
    """What it prints; it has to end well."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM + program],
        cwd=ROOT,
        env={"PYTHONPATH": f"{SOURCE}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_process_that_ends_shuts_the_application_down():
    """The application uses a thread in its shutdown, which Python forbids once `atexit` runs."""
    assert output_of("ask(adapter)") == ["startup True", "shutdown True"]


def test_a_process_without_requests_starts_nothing():
    assert output_of("say(threading.active_count())") == ["1"]


def test_a_process_that_forks_before_its_first_request_serves_in_the_child():
    program = """
pid = os.fork()
if pid == 0:
    say(ask(adapter).body)
    sys.exit()
os.waitpid(pid, 0)
"""
    assert output_of(program) == ["startup False", "b'hello'", "shutdown False"]


def test_parent_and_child_serve_both_when_the_fork_came_behind_a_request():
    program = """
ask(adapter)
pid = os.fork()
if pid == 0:
    say(ask(adapter).body)
    sys.exit()
os.waitpid(pid, 0)
say(ask(adapter).body)
"""
    expected = ["startup True", "startup False", "b'hello'", "shutdown False", "b'hello'", "shutdown True"]
    assert output_of(program) == expected


@pytest.mark.parametrize(
    ("library", "patch"),
    [
        ("gevent", "from gevent.monkey import patch_all as patch"),
        ("eventlet", "from eventlet import monkey_patch as patch"),
    ],
)
def test_a_process_whose_threads_were_replaced_is_told_so_instead_of_blocked(library: str, patch: str):
    pytest.importorskip(library)
    program = f"""
sys.stderr = open(os.devnull, "w")  # eventlet warns all who import it
{patch}
patch()
sys.stderr = sys.__stderr__
try:
    ask(adapter)
except Exception as error:
    say(f"{{type(error).__name__}}: {{error}}")
"""
    [line] = output_of(program)
    assert line.startswith(f"PenstockError: {library} has replaced the threads")


def test_a_thread_of_an_executor_that_serves_an_endless_response_does_not_hold_the_process_up():
    program = """
from concurrent.futures import ThreadPoolExecutor
from penstock.adapters import AsgiToWsgiBounds
adapter = AsgiToWsgi(app, lifespan="off", bounds=AsgiToWsgiBounds(shutdown_seconds=0))
begun = threading.Event()
def serve():
    reply = begin(adapter, strict=False, path="/endless")
    begun.set()
    try:
        reply.rest()
    except Exception as error:
        say(f"{type(error).__name__}: {error}")
    reply.close()
ThreadPoolExecutor().submit(serve)
begun.wait()
"""
    told = "LocalProtocolError: the application ended with CancelledError in the body"
    assert output_of(program) == [told]
