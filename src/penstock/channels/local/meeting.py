"""Where processes meet that were given no path: those that one user runs from one folder are one application.

Their sockets are in a folder of that user's in the system's folder for temporary files, which is there on
every machine and the same for whoever is started by hand, by a supervisor or at night.
"""

import hashlib
import os
import re
import stat
import tempfile

from penstock.base.errors import SettingsError

NAME_LENGTH = 12  # of the folder's name in that of the socket, for people
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def meeting_path(folder: str | os.PathLike[str] | None = None) -> str:
    """The path of the socket for `folder`, the current one if none is given. Makes the folder of sockets.
    Raises SettingsError where another user has taken its name.
    """
    application = os.path.realpath(folder or os.getcwd())
    name = UNSAFE.sub("", os.path.basename(application))[:NAME_LENGTH]
    digest = hashlib.sha256(os.fsencode(application)).hexdigest()[:NAME_LENGTH]
    return os.path.join(_folder_of_sockets(), f"{name}-{digest}.sock")


def _folder_of_sockets() -> str:
    folder = os.path.join(tempfile.gettempdir(), f"penstock-{os.geteuid()}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        facts = os.lstat(folder)
    except OSError as error:
        raise SettingsError("path", f"{folder} cannot be made: {error.strerror}; give a path") from None
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise SettingsError("path", f"{folder} is not this user's own; take it away, or give a path")
    return folder
