"""What is wrong with an environ that could not be read, in a sentence.

Nothing is checked before a request, which would cost every one of them: whoever reads the environ trips over
a wrong type, and this module then tells which key it was.
"""

from collections.abc import Iterator

from penstock.adapters.asgi_to_wsgi.scope import PREFIX, Environ
from penstock.adapters.shown import shown
from penstock.base.errors import LocalProtocolError

# What reading an environ raises where it is not as PEP 3333 has it.
FAULTS = (AttributeError, KeyError, TypeError, UnicodeEncodeError)
REQUIRED = ("REQUEST_METHOD", "SERVER_PROTOCOL", "wsgi.input")
TEXTS = (
    "PATH_INFO",
    "SCRIPT_NAME",
    "QUERY_STRING",
    "REQUEST_URI",
    "RAW_URI",
    "CONTENT_TYPE",
    "REMOTE_ADDR",
    "SERVER_NAME",
    "REQUEST_METHOD",
    "SERVER_PROTOCOL",
    "wsgi.url_scheme",
)


def fault_of(environ: Environ, error: Exception) -> LocalProtocolError:
    """For the WSGI server, which answers it with a 500. `error` is what reading the environ has raised."""
    for sentence in _faults(environ):
        return LocalProtocolError(f"the environ of the WSGI server {sentence} (PEP 3333)")
    return LocalProtocolError(f"the environ of the WSGI server cannot be read: {error!r}")


def _faults(environ: Environ) -> Iterator[str]:
    for key in REQUIRED:
        if key not in environ:
            yield f"has no {key}; expected one"
    for key, value in environ.items():
        if key in TEXTS or key.startswith(PREFIX):
            if not isinstance(value, str):
                yield f"has {shown(value)} as {key}; expected a str"
            elif value and max(value) > "\xff":
                yield f"has {shown(value)} as {key}; expected bytes as characters of latin-1"
    length = environ.get("CONTENT_LENGTH") or 0
    if isinstance(length, bool) or not isinstance(length, (str, int)):
        yield f"has {shown(length)} as CONTENT_LENGTH; expected a str or a number"
    elif max(str(length)) > "\xff":
        yield f"has {shown(length)} as CONTENT_LENGTH; expected bytes as characters of latin-1"
    if not hasattr(environ.get("wsgi.input"), "read"):
        yield f"has {shown(environ.get('wsgi.input'))} as wsgi.input; expected an object with `read`"
