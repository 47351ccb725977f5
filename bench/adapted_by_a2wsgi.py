"""The applications under test behind a2wsgi's adapters; `adapted_by_penstock.py` has the same names."""

from a2wsgi import ASGIMiddleware, WSGIMiddleware

from bench import apps, wsgi_apps
from bench.starting import THREADS

wsgi_hello = WSGIMiddleware(wsgi_apps.hello, workers=THREADS)
wsgi_stream = WSGIMiddleware(wsgi_apps.stream, workers=THREADS)
asgi_hello = ASGIMiddleware(apps.hello)
