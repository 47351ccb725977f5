"""An ASGI application on a WSGI server. `adapter.py` is the door, the other modules are what it uses."""
