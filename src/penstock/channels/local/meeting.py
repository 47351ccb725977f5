"""Where processes meet that were given no path: those that one user runs from one folder are one application.

Their sockets are in a folder of that user's in the system's folder for temporary files. That is there on
every machine. Who gives each process a TMPDIR of its own, or runs an application from several folders, gives
a path.
"""

import hashlib
import os
import re
import stat
import tempfile

from penstock.base.errors import SettingsError

NAME_LENGTH = 12  # of the folder's name in that of the socket, for people
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
ANSWER = "give a path, as in local:///run/app.sock"


def meeting_path(folder: str | os.PathLike[str] | None = None) -> str:
    """The path of the socket for `folder`, the current one if none is given. Raises SettingsError where that
    says nothing: many services run from `/`.
    """
    try:
        application = os.path.realpath(folder or os.getcwd())
        name = UNSAFE.sub("", os.path.basename(application))[:NAME_LENGTH]
        digest = hashlib.sha256(os.fsencode(application)).hexdigest()[:NAME_LENGTH]
        path = os.path.join(_folder_of_sockets(), f"{name}-{digest}.sock")
    except OSError as error:
        raise SettingsError("path", f"no folder to go by ({error.strerror}); {ANSWER}") from None
    if os.path.dirname(application) == application:
        raise SettingsError("path", f"{application} is no application's own folder; {ANSWER}")
    return path


def make_folder(path: str) -> None:
    """Make the folder of sockets, if it is to have this one. Raises SettingsError where another user has
    taken its name.
    """
    folder = os.path.dirname(path)
    if folder != _folder_of_sockets():
        return
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        facts = os.lstat(folder)
    except OSError as error:
        raise SettingsError("path", f"{folder} cannot be made: {error.strerror}; {ANSWER}") from None
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise SettingsError("path", f"{folder} is not this user's own; take it away, or {ANSWER}")


def _folder_of_sockets() -> str:
    return os.path.join(tempfile.gettempdir(), f"penstock-{os.geteuid()}")
