"""Extensible priorities: which response a client wants first (RFC 9218).

A priority is one small number, `urgency * 2 + incremental`: urgency 0 comes first, 7 last; incremental
responses share the line, others come one behind the other. What cannot be read counts for nothing, since a
priority is only a wish (section 4).
"""

import re
from typing import Final

URGENCIES = 8
DEFAULT = 3 << 1  # section 4.1: urgency 3, not incremental

_URGENCY: Final = re.compile(rb"u=([0-7])(?:;.*)?")
_INCREMENTAL: Final = re.compile(rb"i(?:=\?([01]))?(?:;.*)?")


def parse_priority(value: bytes) -> int:
    """The `priority` field, or the payload of a PRIORITY_UPDATE: a dictionary of RFC 8941."""
    urgency, incremental = 3, 0
    for member in value.split(b","):
        text = member.strip(b" \t")
        if found := _URGENCY.fullmatch(text):
            urgency = int(found[1])
        elif found := _INCREMENTAL.fullmatch(text):
            incremental = 0 if found[1] == b"0" else 1
    return urgency << 1 | incremental
