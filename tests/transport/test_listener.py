"""Listening sockets: opened, served on both loops, closed; TCP, Unix and inherited ones."""

import asyncio
import errno
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.base.errors import BindError
from penstock.transport.binds import DescriptorBind, UnixBind, parse_bind
from penstock.transport.listener import Listener

Run = Callable[..., Any]


class Greeter(asyncio.Protocol):
    """Writes the TCP_NODELAY option of its socket and the socket's own name, and closes."""

    def connection_made(self, transport: Any) -> None:
        accepted = transport.get_extra_info("socket")
        no_delay = accepted.family != socket.AF_UNIX and accepted.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY
        )
        transport.write(f"{int(bool(no_delay))} {transport.get_extra_info('sockname')}".encode())
        transport.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Listener]]:
    listeners: list[Listener] = []

    def open_listener(*binds: str, **options: Any) -> Listener:
        listeners.append(Listener.open([parse_bind(each) for each in binds], **options))
        return listeners[-1]

    yield open_listener
    for each in listeners:
        each.close()


@pytest.fixture
def foreign() -> Iterator[socket.socket]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken


def problem_of(*binds: str, **options: Any) -> BindError:
    with pytest.raises(BindError) as caught:
        Listener.open([parse_bind(each) for each in binds], **options)
    return caught.value


async def greeting_of(address: Any) -> str:
    if isinstance(address, tuple):
        reader, writer = await asyncio.open_connection(*address[:2])
    else:
        reader, writer = await asyncio.open_unix_connection(address)
    greeting = await reader.read()
    writer.close()
    await writer.wait_closed()
    return greeting.decode()


async def serve_and_greet(listener: Listener) -> list[str]:
    await listener.start(asyncio.get_running_loop(), Greeter)
    return [await greeting_of(each.getsockname()) for each in listener.sockets]


class TestTcp:
    def test_every_bind_is_served(self, run: Run, opened: Callable[..., Listener]) -> None:
        listener = opened("127.0.0.1:0", "127.0.0.1:0", "[::1]:0")
        greetings = run(serve_and_greet(listener))
        assert len(greetings) == 3

    def test_small_writes_are_not_delayed_by_nagles_algorithm(self, run: Run, opened: Any) -> None:
        assert [each[0] for each in run(serve_and_greet(opened("127.0.0.1:0", "[::1]:0")))] == ["1", "1"]

    def test_the_real_port_is_printed_where_the_system_chose_one(self, opened: Any) -> None:
        listener = opened("127.0.0.1:0", "[::1]:0")
        first, second = (each.getsockname()[1] for each in listener.sockets)
        assert listener.addresses("http") == [f"http://127.0.0.1:{first}", f"http://[::1]:{second}"]
        assert listener.addresses("https")[0] == f"https://127.0.0.1:{first}"

    def test_addresses_stay_known_after_closing(self, opened: Any) -> None:
        listener = opened("127.0.0.1:0")
        before = listener.addresses("http")
        listener.close()
        assert listener.addresses("http") == before

    def test_an_empty_host_means_all_interfaces_of_both_families_on_one_port(self, opened: Any) -> None:
        sockets = opened(":0").sockets
        assert {each.family for each in sockets} == {socket.AF_INET, socket.AF_INET6}
        assert len({each.getsockname()[1] for each in sockets}) == 1

    def test_an_ipv6_socket_takes_ipv6_only(self, opened: Any) -> None:
        (ipv6,) = opened("[::]:0").sockets
        assert ipv6.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1

    def test_the_sockets_are_not_blocking_and_not_inherited(self, opened: Any) -> None:
        (each,) = opened("127.0.0.1:0").sockets
        assert not each.getblocking()
        assert not each.get_inheritable()

    def test_a_client_that_comes_before_the_start_is_served(self, run: Run, opened: Any) -> None:
        listener = opened("127.0.0.1:0")

        async def come_early() -> str:
            address = listener.sockets[0].getsockname()
            greeting = asyncio.ensure_future(greeting_of(address))
            reader, writer = await asyncio.open_connection(*address)
            await listener.start(asyncio.get_running_loop(), Greeter)
            await reader.read()
            writer.close()
            return await greeting

        assert run(come_early())

    def test_a_port_that_is_free_again_can_be_taken_at_once(self, run: Run, opened: Any) -> None:
        first = opened("127.0.0.1:0")
        port = first.sockets[0].getsockname()[1]
        run(serve_and_greet(first))  # leaves a connection in TIME_WAIT on our side
        first.close()
        assert opened(f"127.0.0.1:{port}").addresses("http") == [f"http://127.0.0.1:{port}"]

    def test_a_port_in_use_is_told_with_the_address_and_what_to_do(self, foreign: socket.socket) -> None:
        port = foreign.getsockname()[1]
        problem = problem_of(f"127.0.0.1:{port}")
        assert str(problem) == (
            f"cannot listen on 127.0.0.1:{port}: the address is already in use; "
            "stop the server that uses it or choose another one"
        )

    def test_after_a_failure_nothing_is_listened_on(self, foreign: socket.socket, tmp_path: Path) -> None:
        path = tmp_path / "app.sock"
        problem_of(f"unix:{path}", f"127.0.0.1:{foreign.getsockname()[1]}")
        assert not path.exists()

    @pytest.mark.parametrize(
        ("bind", "problem"),
        [
            ("name.invalid:80", "the host name cannot be resolved"),
            ("192.0.2.1:8000", "this machine does not have the address"),
            ("[2001:db8::1]:8000", "this machine does not have the address"),
        ],
    )
    def test_an_address_that_is_not_ours_is_told(self, bind: str, problem: str) -> None:
        assert problem in problem_of(bind).problem


class TestUnix:
    def test_it_is_served_and_printed(self, run: Run, opened: Any, tmp_path: Path) -> None:
        listener = opened(f"unix:{tmp_path}/app.sock")
        assert run(serve_and_greet(listener)) == [f"0 {tmp_path}/app.sock"]
        assert listener.addresses("https") == [f"unix:{tmp_path}/app.sock"]

    def test_the_file_has_the_wanted_mode_whatever_the_umask(self, opened: Any, tmp_path: Path) -> None:
        opened(f"unix:{tmp_path}/app.sock", unix_socket_mode=0o666)
        assert stat.S_IMODE((tmp_path / "app.sock").stat().st_mode) == 0o666

    def test_the_file_is_removed_when_accepting_stops(self, run: Run, opened: Any, tmp_path: Path) -> None:
        listener = opened(f"unix:{tmp_path}/app.sock")
        run(serve_and_greet(listener))
        run(listener.stop_accepting())
        assert not (tmp_path / "app.sock").exists()

    def test_a_file_that_took_the_name_meanwhile_is_left_alone(
        self, run: Run, opened: Any, tmp_path: Path
    ) -> None:
        path = tmp_path / "app.sock"
        listener = opened(f"unix:{path}")
        run(serve_and_greet(listener))
        path.rename(tmp_path / "ours.sock")
        path.write_text("another's")
        listener.close()
        assert path.read_text() == "another's"

    def test_the_socket_of_a_server_that_is_gone_is_replaced(
        self, run: Run, opened: Any, tmp_path: Path
    ) -> None:
        path = tmp_path / "app.sock"
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(os.fspath(path))
        assert run(serve_and_greet(opened(f"unix:{path}")))

    def test_the_socket_of_a_live_server_is_in_use(self, opened: Any, tmp_path: Path) -> None:
        listener = opened(f"unix:{tmp_path}/app.sock")
        assert "already in use" in problem_of(f"unix:{tmp_path}/app.sock").problem
        listener.sockets[0].accept()[0].close()  # the probe's connection arrived: it still listens

    def test_a_live_server_with_a_full_backlog_is_in_use(self, tmp_path: Path) -> None:
        path = tmp_path / "app.sock"
        with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as waiting:
            busy.bind(os.fspath(path))
            busy.listen(0)
            waiting.connect(os.fspath(path))
            assert "already in use" in problem_of(f"unix:{path}").problem
        assert path.exists()

    def test_a_datagram_socket_of_another_service_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "log.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(os.fspath(path))
            assert "already in use" in problem_of(f"unix:{path}").problem
        assert path.exists()

    def test_a_file_that_is_no_socket_is_refused_and_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "precious.txt"
        path.write_text("precious")
        assert "not a socket" in problem_of(f"unix:{path}").problem
        assert path.read_text() == "precious"

    def test_a_symbolic_link_is_refused_and_kept(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "nowhere")
        assert "not a socket" in problem_of(f"unix:{tmp_path}/link").problem
        assert (tmp_path / "link").is_symlink()

    def test_a_missing_folder_is_told(self, tmp_path: Path) -> None:
        assert "folder does not exist" in problem_of(f"unix:{tmp_path}/missing/app.sock").problem

    def test_a_path_that_is_too_long_is_told(self, tmp_path: Path) -> None:
        assert "too long" in problem_of(f"unix:{tmp_path}/{'x' * 200}").problem

    def test_a_system_without_unix_sockets_says_so(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delattr(socket, "AF_UNIX")
        with pytest.raises(BindError, match="this system has no Unix sockets"):
            Listener.open([UnixBind(f"{tmp_path}/app.sock")])


class TestInherited:
    def test_a_listening_socket_is_served(self, run: Run) -> None:
        inherited = socket.create_server(("127.0.0.1", 0))
        listener = Listener.open([DescriptorBind(inherited.detach())])
        (greeting,) = run(serve_and_greet(listener))
        listener.close()
        assert greeting.startswith("1 ")  # with TCP_NODELAY

    def test_the_file_of_an_inherited_unix_socket_stays(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "systemd.sock"
        inherited = socket.socket(socket.AF_UNIX)
        inherited.bind(os.fspath(path))
        inherited.listen()
        listener = Listener.open([DescriptorBind(inherited.detach())])
        assert listener.addresses("http") == [f"unix:{path}"]
        run(serve_and_greet(listener))
        listener.close()
        assert path.exists()

    def test_one_in_the_abstract_namespace_is_printed_with_an_at_sign(self) -> None:
        inherited = socket.socket(socket.AF_UNIX)
        inherited.bind(f"\0penstock-{os.getpid()}")
        inherited.listen()
        listener = Listener.open([DescriptorBind(inherited.detach())])
        listener.close()
        assert listener.addresses("http") == [f"unix:@penstock-{os.getpid()}"]

    def test_a_socket_that_does_not_listen_is_refused_and_stays_open(self) -> None:
        with socket.socket() as idle:
            assert "listen" in problem_of(f"fd://{idle.fileno()}").problem
            os.fstat(idle.fileno())

    def test_a_datagram_socket_is_refused_and_stays_open(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            assert "stream socket" in problem_of(f"fd://{datagrams.fileno()}").problem
            os.fstat(datagrams.fileno())

    def test_a_file_is_refused_and_stays_open(self, tmp_path: Path) -> None:
        with open(tmp_path / "file", "wb") as file:
            assert "not an open socket" in problem_of(f"fd://{file.fileno()}").problem
            os.fstat(file.fileno())

    def test_a_number_that_is_not_open_is_refused(self) -> None:
        assert os.strerror(errno.EBADF) in problem_of("fd://987654").problem

    def test_one_descriptor_given_twice_is_refused(self) -> None:
        number = str(socket.create_server(("127.0.0.1", 0)).detach())
        assert "given twice" in problem_of(f"fd://{number}", f"fd://{number}").problem


class TestStopAccepting:
    def test_new_clients_are_refused_and_accepted_ones_are_served(self, run: Run, opened: Any) -> None:
        listener = opened("127.0.0.1:0")

        class Echo(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def data_received(self, data: bytes) -> None:
                self.transport.write(data)

        async def stop_between_two_messages() -> bytes:
            address = listener.sockets[0].getsockname()
            await listener.start(asyncio.get_running_loop(), Echo)
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"one ")
            first = await reader.readexactly(4)
            await listener.stop_accepting()
            writer.write(b"two")
            second = await reader.readexactly(3)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*address)
            writer.close()
            await writer.wait_closed()
            return first + second

        assert run(stop_between_two_messages()) == b"one two"
        assert listener.sockets == []

    @pytest.mark.parametrize("kind", ["tcp", "unix"])
    def test_who_waits_to_be_accepted_is(self, run: Run, opened: Any, tmp_path: Path, kind: str) -> None:
        """To a client it is connected: the system has answered it."""
        listener = opened(f"unix:{tmp_path}/app.sock" if kind == "unix" else "127.0.0.1:0")
        clients = [socket.socket(listener.sockets[0].family) for _ in range(20)]

        async def stop_with_clients_waiting() -> None:
            await listener.start(asyncio.get_running_loop(), Greeter)
            for client in clients:
                client.connect(listener.sockets[0].getsockname())
            clients.pop().close()
            await listener.stop_accepting()

        run(stop_with_clients_waiting())
        for client in clients:
            with client:
                assert client.recv(100)[:1] in b"01"

    def test_who_waits_at_an_inherited_socket_is_left_to_the_next_server(self, run: Run) -> None:
        with socket.create_server(("127.0.0.1", 0)) as kept, socket.socket() as client:
            listener = Listener.open([DescriptorBind(kept.dup().detach())])

            async def stop_with_a_client_waiting() -> None:
                await listener.start(asyncio.get_running_loop(), Greeter)
                client.connect(kept.getsockname())
                await listener.stop_accepting()

            run(stop_with_a_client_waiting())
            accepted, _ = kept.accept()
            accepted.close()
