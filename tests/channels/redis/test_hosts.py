"""Hosts in all their forms: what a project that comes from channels_redis has in its settings."""

import inspect
from typing import Any

import pytest
from redis.asyncio.connection import BlockingConnectionPool, SSLConnection, UnixDomainSocketConnection
from tests.support.certificates import Certificates, make_certificates
from tests.support.redis_server import redis_server

from penstock.base.errors import SettingsError
from penstock.channels import connect

WITHOUT_EFFECT = {
    "retry": None,
    "retry_on_error": [ConnectionError],
    "retry_on_timeout": True,
    "max_connections": 50,
    "single_connection_client": False,
    "socket_timeout": 5,
    "health_check_interval": 30,
    "encoding": "latin-1",
    "encoding_errors": "ignore",
    "decode_responses": True,
    "protocol": 3,
    "socket_read_size": 1000,
}
WITH_EFFECT = {
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "socket_keepalive_options": {},
    "client_name": "chat",
    "db": None,
}
QUERIES = ("health_check_interval=30", "socket_timeout=5", "max_connections=10", "socket_connect_timeout=5")
SENTINELS = {"sentinels": [("localhost", 1)], "master_name": "m"}


async def test_what_is_for_a_pool_or_for_answers_changes_nothing() -> None:
    with redis_server() as server:
        name, port = server.address
        forms: list[Any] = [
            {"host": name, "port": str(port), **WITHOUT_EFFECT, **WITH_EFFECT},
            {"address": f"redis://{name}:{port}", **WITHOUT_EFFECT, **WITH_EFFECT},
            f"redis://{name}:{port}/0?{'&'.join(QUERIES)}",
            (name, str(port)),
        ]
        for number, form in enumerate(forms):
            async with connect("redis://", hosts=[form], prefix=str(number)) as layer:
                await layer.send("a", {"type": "test", "data": b"\xff\0"})
                assert await layer.receive("a") == {"type": "test", "data": b"\xff\0"}


async def test_a_unix_socket_is_reached_by_its_path_and_class(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = str(tmp_path_factory.mktemp("s") / "redis.sock")
    with redis_server("--unixsocket", path):
        for form in (
            {"path": path, "connection_class": UnixDomainSocketConnection},
            {"unix_socket_path": path},
            f"unix://{path}?health_check_interval=30",
        ):
            async with connect("redis://", hosts=[form]) as layer:
                await layer.send("a", {"type": "test"})
                assert await layer.receive("a") == {"type": "test"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


async def test_tls_may_be_given_with_the_host(certificates: Certificates) -> None:
    files = ("--tls-cert-file", certificates.cert_file, "--tls-key-file", certificates.key_file)
    options = [str(word) for word in (*files, "--tls-ca-cert-file", certificates.ca_file)]
    ours = {
        "ssl_ca_certs": str(certificates.ca_file),
        "ssl_certfile": str(certificates.client_file),
        "ssl_ca_path": str(certificates.ca_file.parent),
        "ssl_password": "of no use: the key is not encrypted",
    }
    taken = inspect.signature(SSLConnection).parameters  # by this release of redis-py
    ours = {key: ours[key] for key in ours.keys() & taken.keys()}
    with redis_server(*options, tls=True) as server:
        for form in (
            {"host": "localhost", "port": server.port, "connection_class": SSLConnection, **ours},
            {"address": f"rediss://localhost:{server.port}?socket_timeout=5", **ours},
        ):
            async with connect("redis://", hosts=[form]) as layer:
                await layer.send("a", {"type": "test"})
                assert await layer.receive("a") == {"type": "test"}


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (5, "expected a list"),
        (None, "expected a list"),
        (b"redis://a", "got bytes"),
        ([], "got none"),
        ([None], "NoneType"),
        ([("a", "http")], "1 to 65535"),
        ([("a", 70000)], "1 to 65535"),
        ([("a", "9" * 5000)], "1 to 65535"),
        ([{"host": "a", "port": True}], "1 to 65535"),
        ([{"host": "a", "sockettimeout": 5}], "socket_connect_timeout"),
        (["redis://a?sockettimeout=5"], "socket_connect_timeout"),
        ([{"host": "a", "socket_connect_timeout": "5"}], "seconds, more than 0"),
        ([{"host": "a", "socket_connect_timeout": 0}], "seconds, more than 0"),
        ([{"host": "a", "connection_class": BlockingConnectionPool}], "connection_class"),
        ([{"host": "a", "ssl_cert_reqs": "perhaps"}], "does not take"),
        ([{**SENTINELS, "sentinels": 5}], "a list of pairs"),
        ([{**SENTINELS, "sentinel_kwargs": 5}], "a dict for sentinel_kwargs"),
        ([{**SENTINELS, "sentinel_kwargs": {"pasword": "x"}}], "'pasword'; expected"),
        ([{**SENTINELS, "sentinel_kwargs": {"socket_timeout": "x"}}], "seconds, more than 0"),
        (["redis+sentinel://a/m?sockettimeout=5"], "'sockettimeout'"),
    ],
)
def test_hosts_that_cannot_be_used_are_named(hosts: object, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected) as caught:
        connect("redis://", hosts=hosts)
    assert caught.value.setting == "hosts"


def test_sentinels_take_what_redis_py_gives_them() -> None:
    asked = {"password": "x", "socket_timeout": 0.1, "decode_responses": True, "ssl": False}
    for more in (WITHOUT_EFFECT, WITH_EFFECT, {"sentinel_kwargs": asked}, {"sentinels": [["a", "26379"]]}):
        connect("redis://", hosts=[{**SENTINELS, **more}])
    connect("redis://", hosts=["redis+sentinel://a/m/1?health_check_interval=30"])
