"""Behaviours that send files by the two extensions for it."""

import os
from pathlib import Path
from typing import Any, BinaryIO

from tests.conformance.probe.steps import Caught, field, script_of


def opened(path: str, position: int) -> BinaryIO:
    file = Path(path).open("rb")  # noqa: SIM115  the caller's to close
    file.seek(position)
    return file


async def send_file(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends the script's messages with the file of the field `file`, opened and read up to the field
    `position`.

    A key `file` or `path` without a value gets it; outcomes are noted as `steps.play` does.
    """
    path, outcomes = field(scope, b"file"), []
    with opened(path, int(field(scope, b"position"))) as file:
        for message in script_of(scope):
            filled = {"file": file, "path": path}
            with Caught() as caught:
                await send({key: filled[key] if value is None else value for key, value in message.items()})
            outcomes.append(caught.names)
        report.note("outcomes", outcomes)
        report.note("open", not file.closed and os.fstat(file.fileno()).st_size)
