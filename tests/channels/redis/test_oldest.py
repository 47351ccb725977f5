"""Redis 6.2 is enough: every command and option that the layer uses is in the table, with its version.

Versions are those of Redis's documentation of commands. That a real 6.2 and a real Valkey do what is wanted
is shown by running this folder with another `redis-server` first in PATH.
"""

import re
from pathlib import Path

import pytest

import penstock.channels.redis
from penstock.channels.redis.dial import OLDEST

FOLDER = Path(penstock.channels.redis.__file__).parent
SINCE = {
    (1, 0): "DEL EXISTS GET INCR LINDEX LLEN LPOP LPUSH LRANGE LREM RPUSH SADD SELECT SET SETNX SMEMBERS "
    "SPOP SREM",
    (1, 2): "ZADD ZCARD ZRANGE ZREM ZREVRANGE ZRANGEBYSCORE LIMIT WITHSCORES ZSCORE",
    (2, 0): "HDEL HGET HGETALL HINCRBY HKEYS HSET",
    (2, 6): "EVAL EVALSHA LOAD PEXPIRE PTTL SCRIPT TIME",
    (2, 6, 12): "PX",
    (3, 0): "CLUSTER SLOTS",
    (3, 0, 2): "NX",
    (5, 0): "BLOCK COUNT STREAM STREAMS XADD XINFO XLEN XREAD XTRIM ZPOPMIN",
    (6, 0): "HELLO",
    (6, 2): "GETDEL MINID NOMKSTREAM",
}
KNOWN = {word: version for version, words in SINCE.items() for word in words.split()}
ANSWERS = {"ASK", "CLUSTERDOWN", "MASTERDOWN", "MOVED", "TRYAGAIN", "UNBLOCKED"}  # of the server
SCRIPTS = sorted(FOLDER.glob("lua/**/*.lua"))
MODULES = sorted(FOLDER.glob("*.py"))


def words_of_script(text: str) -> set[str]:
    calls = re.findall(r"call\((.*)", text)
    return {word for call in calls for word in re.findall(r"'([A-Z]{2,})'", call)}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_scripts_use_nothing_that_the_oldest_redis_does_not_know(script: Path) -> None:
    for word in words_of_script(script.read_text()):
        assert KNOWN[word] <= OLDEST, word


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_modules_use_nothing_that_the_oldest_redis_does_not_know(module: Path) -> None:
    for word in set(re.findall(r'"([A-Z]{2,})"', module.read_text())) - ANSWERS:
        assert KNOWN[word] <= OLDEST, word


def test_the_table_has_no_more_than_what_is_used() -> None:
    used = set.union(*(words_of_script(script.read_text()) for script in SCRIPTS))
    used |= set(re.findall(r'"([A-Z]{2,})"', "".join(module.read_text() for module in MODULES)))
    assert KNOWN.keys() <= used
