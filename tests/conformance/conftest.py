"""The servers that the conformance tests speak to: one that runs the probe for all of them, one more behind
TLS.
"""

import os
import shlex
from collections.abc import Iterator, Sequence

import pytest
from tests.conformance.client import ProbeClient
from tests.support.certificates import Certificates, make_certificates
from tests.support.server import PENSTOCK, running_server

PROBE = "tests.conformance.probe.app:create_app"
LAZY = ("--no-uvloop", "--no-eager-tasks")


@pytest.fixture(scope="session")
def server_command() -> Sequence[str]:
    """Another command in `SERVER_UNDER_TEST` judges another server; it gets application, `--bind` and
    options.
    """
    return shlex.split(os.environ.get("SERVER_UNDER_TEST", "")) or PENSTOCK


@pytest.fixture(scope="session", params=[(), LAZY], ids=["eager", "lazy"])
def probe(request: pytest.FixtureRequest, server_command: Sequence[str]) -> Iterator[ProbeClient]:
    """Each item has to hold on either loop, whether a task starts at once or at the next turn."""
    with running_server(PROBE, "--factory", *request.param, command=server_command) as server:
        yield ProbeClient(server)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def tls_probe(server_command: Sequence[str], certificates: Certificates) -> Iterator[ProbeClient]:
    """The probe behind TLS; a client certificate is asked for, and none is needed."""
    files = ("--certfile", str(certificates.cert_file), "--keyfile", str(certificates.key_file))
    clients = ("--ca-certs", str(certificates.ca_file), "--verify-client", "optional")
    with running_server(PROBE, "--factory", *files, *clients, command=server_command) as server:
        yield ProbeClient(server, certificates.context())
