"""What is measured, by name."""

from bench.http1_works import HTTP1_WORKS
from bench.http2_works import HTTP2_WORKS
from bench.kinds import Work
from bench.layer_works import LAYER_WORKS
from bench.wsgi_works import WSGI_WORKS

WORKS: dict[str, Work] = {work.name: work for work in (*HTTP1_WORKS, *HTTP2_WORKS, *WSGI_WORKS, *LAYER_WORKS)}
