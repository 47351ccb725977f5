"""The applications under test behind Penstock's adapters; `adapted_by_a2wsgi.py` has the same names."""

from bench import apps, wsgi_apps
from bench.starting import THREADS
from penstock.adapters import AsgiToWsgi, WsgiSettings, WsgiToAsgi

_SETTINGS = WsgiSettings(threads=THREADS)

wsgi_hello = WsgiToAsgi(wsgi_apps.hello, _SETTINGS)
wsgi_stream = WsgiToAsgi(wsgi_apps.stream, _SETTINGS)
asgi_hello = AsgiToWsgi(apps.hello)
