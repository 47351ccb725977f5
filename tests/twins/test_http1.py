"""The compiled HTTP/1.1 engine and its uncompiled twin have the same conversations."""

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.http1.talk import CLOCK_TICK, REPLIES, SMALL, Talk
from tests.engine.http1.wire import cut_at
from tests.properties.http1_requests import TELLING, cuts, damaged
from tests.support.twin import pure

from penstock.base.errors import PenstockError, RemoteProtocolError
from penstock.engine import defaults, fields, target
from penstock.engine.http1 import connection, grammar

TWINS: list[tuple[ModuleType, ModuleType]] = [
    (connection, defaults),
    (pure(connection.__name__), pure(defaults.__name__)),
]
telling = st.lists(st.one_of(st.sampled_from(TELLING), st.binary(max_size=9)), max_size=8).map(b"".join)


def talks(script: list[Any], eager: bool) -> list[Talk]:
    built = []
    for engine, shares in TWINS:
        shared = shares.ResponseDefaults(b"penstock", ((b"x-default", b"1"),), True)
        shared.set_date(b"today")
        built.append(Talk(engine.Http1Connection(SMALL, shared), script, eager))
    return built


@settings(max_examples=300, deadline=None)
@given(st.data(), st.lists(st.sampled_from(REPLIES), min_size=1, max_size=4), st.booleans())
def test_twins_have_the_same_conversation(data: st.DataObject, script: list[Any], eager: bool) -> None:
    stream = data.draw(damaged())
    pieces = list(cut_at(stream, data.draw(cuts(stream))))
    acts = data.draw(st.lists(st.sampled_from(["sweep", "drain", "pause", "continue"]), max_size=4))
    ours, theirs = talks(script, eager)

    for talk in (ours, theirs):
        now = 0.0
        for at, piece in enumerate(pieces):
            talk.hear([piece])
            act = acts[at] if at < len(acts) else ""
            now += CLOCK_TICK
            if act == "sweep":
                talk.sweep(now)
            elif act == "drain":
                talk.engine.announce_close()
            elif act == "pause":
                talk.engine.reading_paused = not talk.engine.reading_paused
            elif act == "continue":
                talk.engine.send_continue()
        talk.end().sweep(now + 100).sweep(now + 200)

    assert ours.result == theirs.result
    assert ours.shown == theirs.shown


def outcome(call: Any, *arguments: Any) -> object:
    """What a function returns or raises, comparable between twins."""
    try:
        result = call(*arguments)
    except RemoteProtocolError as error:
        return "remote", error.reason, error.status
    except PenstockError as error:
        return "local", str(error)
    if hasattr(type(result), "__slots__"):
        return [getattr(result, name) for name in type(result).__slots__]
    return result


PIECES = {
    "parse_target": lambda module, data: outcome(module.parse_target, data, 0, len(data), False),
    "parse_target of OPTIONS": lambda module, data: outcome(module.parse_target, data, 0, len(data), True),
    "parse_target inside": lambda module, data: outcome(
        module.parse_target, b" /" + data + b" ", 1, len(data), False
    ),
    "decode_path": lambda module, data: outcome(module.decode_path, bytes(one & 127 for one in data)),
    "is_http11": lambda module, data: outcome(module.is_http11, b" HTTP/1." + data, 1, len(data) + 8),
    "parse_field": lambda module, data: outcome(module.parse_field, b"a" + data + b":", 0, len(data) + 2),
    "check_host": lambda module, data: outcome(module.check_host, data),
}


@pytest.mark.parametrize("piece", PIECES)
@settings(max_examples=100, deadline=None)
@given(data=telling)
def test_twins_read_the_pieces_of_a_head_alike(piece: str, data: bytes) -> None:
    data = data or b"/"
    if piece.startswith("parse_target"):
        data = bytes(one for one in data if 32 < one < 127) or b"/"

    module = grammar if hasattr(grammar, piece) else target
    assert PIECES[piece](module, data) == PIECES[piece](pure(module.__name__), data)


@pytest.mark.parametrize("name", ["our_name", "our_value", "list_members", "read_length"])
@settings(max_examples=100, deadline=None)
@given(data=telling)
def test_twins_judge_fields_alike(name: str, data: bytes) -> None:
    twin = pure(fields.__name__)

    assert outcome(getattr(fields, name), data) == outcome(getattr(twin, name), data)
    for member in (b"close", data.lower()):
        assert fields.has_member(data, member) == twin.has_member(data, member)


@pytest.mark.parametrize("octet", range(256))
def test_twins_agree_on_every_octet_at_every_place(octet: int) -> None:
    twin, pieces = pure(fields.__name__), pure(grammar.__name__)
    for place in range(18):
        data = b"a" * place + bytes([octet]) + b"b" * (17 - place)
        assert outcome(fields.our_name, data) == outcome(twin.our_name, data)
        assert outcome(fields.our_value, data) == outcome(twin.our_value, data)
        line = data + b":" + data
        assert outcome(grammar.parse_field, line, 0, len(line)) == outcome(
            pieces.parse_field, line, 0, len(line)
        )
