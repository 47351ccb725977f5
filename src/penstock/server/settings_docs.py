"""docs/options.md, made from the same declarations as the command line.

`python -m penstock.server.settings_docs > docs/options.md` after a change; a test compares the two.
two.
"""

import sys
from collections.abc import Iterator

from penstock.server.declaration import GROUPS, Declaration
from penstock.server.exit_codes import ExitCode
from penstock.server.settings import all_declarations

BEGIN = """\
# Options

Made by `python -m penstock.server.settings_docs`; what it says is declared in `server/settings.py`,
`base/limits.py` and `adapters/wsgi/settings.py`.

An option of `penstock run` is also an environment variable and a keyword of `penstock.run` and
`penstock.Settings.build`: `--max-head-bytes`, `PENSTOCK_MAX_HEAD_BYTES`, `max_head_bytes`. The command line
wins over the environment.

- `--bind` and `--header` may be given more than once. `PENSTOCK_BIND` holds addresses with spaces in between,
  `PENSTOCK_HEADER` one field a line; in Python they are the tuples `bind` and `headers`.
- What is on or off is written `--access-log` and `--no-access-log`, and in the environment `true` or `false`.
- `none` switches a limit off where the table names it; in Python it is `None`.
- *Beyond* is what a peer gets that exceeds a limit: a status of HTTP, a close code of WebSocket, or a closed
  connection.
"""

TABLE_HEAD = """\
| option | unit | default | what and why | beyond |
|---|---|---|---|---|
"""

END = """\
## Exit codes

| code | name | when |
|---|---|---|
"""


def options_page() -> str:
    """The whole of docs/options.md."""
    declared = list(all_declarations().values())
    parts = [BEGIN]
    for group in GROUPS:
        rows = "".join(_row(each) for each in declared if each.group == group)
        parts.append(f"## {group}\n\n{TABLE_HEAD}{rows}")
    return "\n".join([*parts, END]) + "".join(_code_rows())


def _row(each: Declaration) -> str:
    cells = [f"`{each.option}`", _unit(each), _default(each), each.sentence, each.answer]
    return f"| {' | '.join(cells)} |\n"


def _unit(each: Declaration) -> str:
    if each.choices:
        return ", ".join(f"`{choice}`" for choice in each.choices)
    return each.unit or "on or off"


def _default(each: Declaration) -> str:
    off = ", or `none`" if each.optional and each.default is not None else ""
    return f"`{each.default_text}`{off}"


def _code_rows() -> Iterator[str]:
    for code in ExitCode:
        yield f"| {code} | {code.name} | {code.meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(options_page())
