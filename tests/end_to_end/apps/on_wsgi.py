"""The WSGI application that a WSGI server loads: the ASGI application named by `ASGI_APP`, adapted."""

import importlib
import os

from penstock.adapters import AsgiToWsgi

application = AsgiToWsgi(importlib.import_module(os.environ["ASGI_APP"]).app)
