"""The server of the standard library, on a port that it prints; `python -m` runs it until it is stopped."""

import signal
from threading import Thread
from wsgiref.simple_server import make_server

from tests.end_to_end.apps.on_wsgi import application

if __name__ == "__main__":
    with make_server("127.0.0.1", 0, application) as server:
        # An exception would be swallowed in the middle of a response; `shutdown` waits for the loop below.
        signal.signal(signal.SIGTERM, lambda *_: Thread(target=server.shutdown).start())
        print(f"serving on http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
        server.serve_forever()
