"""The applications under test behind Penstock's adapters; `adapted_by_a2wsgi.py` has the same names."""

from bench import apps, wsgi_apps
from penstock.adapters import AsgiToWsgi, WsgiToAsgi

wsgi_hello = WsgiToAsgi(wsgi_apps.hello)
wsgi_stream = WsgiToAsgi(wsgi_apps.stream)
asgi_hello = AsgiToWsgi(apps.hello)
