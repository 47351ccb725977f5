"""The context of TLS servers: what it allows, and which setting a wrong one names."""

import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.support.certificates import Certificates

from penstock.base.errors import SettingsError
from penstock.transport.tls_context import create_context

Make = Callable[..., ssl.SSLContext]
OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command")


@pytest.fixture
def make(certificates: Certificates) -> Make:
    """`create_context` with the test's own certificate, unless another one is given."""

    def create(**values: Any) -> ssl.SSLContext:
        paths = {"certfile": certificates.cert_file, "keyfile": certificates.key_file} | values
        return create_context(
            **{name: str(value) if isinstance(value, Path) else value for name, value in paths.items()}
        )

    return create


@pytest.fixture
def encrypted_key(certificates: Certificates, tmp_path: Path) -> Path:
    assert OPENSSL is not None
    path = tmp_path / "encrypted.pem"
    command = [
        OPENSSL,
        "pkey",
        "-in",
        certificates.key_file,
        "-aes256",
        "-passout",
        "pass:sesame",
        "-out",
        path,
    ]
    subprocess.run(command, check=True)
    return path


def problem_of(make: Make, **values: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        make(**values)
    return caught.value


def damaged(path: Path, folder: Path) -> Path:
    """A copy whose Base64 says something else."""
    lines = path.read_text().splitlines()
    lines[2:-1] = ["A" * 64 for _ in lines[2:-1]]
    copy = folder / "damaged.pem"
    copy.write_text("\n".join(lines) + "\n")
    return copy


class TestWhatItAllows:
    def test_tls_1_2_is_the_lowest_version(self, make: Make) -> None:
        assert make().minimum_version == ssl.TLSVersion.TLSv1_2

    @pytest.mark.parametrize(
        "option", [ssl.OP_NO_COMPRESSION, ssl.OP_NO_RENEGOTIATION, ssl.OP_CIPHER_SERVER_PREFERENCE]
    )
    def test_the_safe_options_are_on(self, make: Make, option: ssl.Options) -> None:
        assert option in make().options

    def test_session_tickets_are_on(self, make: Make) -> None:
        context = make()
        assert ssl.OP_NO_TICKET not in context.options
        assert context.num_tickets > 0

    def test_clients_are_not_asked_for_a_certificate_by_default(self, make: Make) -> None:
        assert make().verify_mode == ssl.CERT_NONE

    @pytest.mark.parametrize(
        ("verify_client", "mode"), [("optional", ssl.CERT_OPTIONAL), ("required", ssl.CERT_REQUIRED)]
    )
    def test_clients_are_verified_when_asked_for(
        self, make: Make, certificates: Certificates, verify_client: str, mode: ssl.VerifyMode
    ) -> None:
        context = make(verify_client=verify_client, ca_certs=certificates.ca_file)
        assert context.verify_mode == mode
        assert context.cert_store_stats()["x509_ca"] == 1

    def test_the_ciphers_can_be_chosen(self, make: Make) -> None:
        names = {each["name"] for each in make(ciphers="ECDHE-ECDSA-AES128-GCM-SHA256").get_ciphers()}
        assert {name for name in names if not name.startswith("TLS_")} == {"ECDHE-ECDSA-AES128-GCM-SHA256"}

    def test_the_key_may_be_in_the_certificates_file(
        self, certificates: Certificates, tmp_path: Path
    ) -> None:
        both = tmp_path / "both.pem"
        both.write_bytes(certificates.key_file.read_bytes() + certificates.cert_file.read_bytes())
        create_context(str(both))

    @needs_openssl
    def test_an_encrypted_key_opens_with_its_password(self, make: Make, encrypted_key: Path) -> None:
        make(keyfile=encrypted_key, password="sesame")

    def test_a_password_for_a_key_without_one_is_not_needed(self, make: Make) -> None:
        make(password="sesame")


class TestWrongSettings:
    def test_a_missing_certificate(self, make: Make, tmp_path: Path) -> None:
        problem = problem_of(make, certfile=tmp_path / "missing.pem")
        assert problem.setting == "certfile"
        assert problem.problem == f"'{tmp_path}/missing.pem' cannot be read: No such file or directory"

    def test_a_missing_key(self, make: Make, tmp_path: Path) -> None:
        problem = problem_of(make, keyfile=tmp_path / "missing.pem")
        assert problem.setting == "keyfile"

    def test_a_folder_instead_of_a_file(self, make: Make, tmp_path: Path) -> None:
        problem = problem_of(make, certfile=tmp_path)
        assert problem.setting == "certfile"
        assert "directory" in problem.problem

    def test_certificate_and_key_the_wrong_way_round(self, make: Make, certificates: Certificates) -> None:
        problem = problem_of(make, certfile=certificates.key_file, keyfile=certificates.cert_file)
        assert problem.setting == "certfile"
        assert "holds no certificate" in problem.problem

    def test_a_certificate_alone(self, make: Make, certificates: Certificates) -> None:
        problem = problem_of(make, keyfile=None)
        assert problem.setting == "certfile"
        assert "holds no private key" in problem.problem

    def test_a_damaged_certificate(self, make: Make, certificates: Certificates, tmp_path: Path) -> None:
        problem = problem_of(make, certfile=damaged(certificates.cert_file, tmp_path))
        assert problem.setting == "certfile"
        assert "cannot be read" in problem.problem

    def test_a_damaged_key(self, make: Make, certificates: Certificates, tmp_path: Path) -> None:
        problem = problem_of(make, keyfile=damaged(certificates.key_file, tmp_path))
        assert problem.setting == "keyfile"
        assert "cannot be used" in problem.problem

    def test_a_file_that_is_not_text(self, make: Make, tmp_path: Path) -> None:
        (tmp_path / "binary.pem").write_bytes(bytes(range(256)))
        assert problem_of(make, certfile=tmp_path / "binary.pem").setting == "certfile"

    def test_the_key_of_another_certificate(self, make: Make, tmp_path: Path) -> None:
        other = tmp_path / "other.pem"
        trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(str(other))
        problem = problem_of(make, keyfile=other)
        assert problem.setting == "keyfile"
        assert "is not that of the certificate" in problem.problem

    @needs_openssl
    def test_a_certificate_that_is_too_weak(self, make: Make, tmp_path: Path) -> None:
        assert OPENSSL is not None
        certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
        command = [OPENSSL, "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=localhost"]
        subprocess.run([*command, "-out", certificate, "-keyout", key], check=True, capture_output=True)
        problem = problem_of(make, certfile=certificate, keyfile=key)
        assert problem.setting == "certfile"
        assert "too weak" in problem.problem

    @needs_openssl
    @pytest.mark.parametrize("password", ["mellon", "x" * 2000], ids=["wrong", "too long"])
    def test_a_wrong_password(self, make: Make, encrypted_key: Path, password: str) -> None:
        problem = problem_of(make, keyfile=encrypted_key, password=password)
        assert problem.setting == "keyfile_password"
        assert "does not open the private key" in problem.problem
        assert password not in str(problem)

    @needs_openssl
    @pytest.mark.parametrize("password", [None, ""])
    def test_no_password(self, make: Make, encrypted_key: Path, password: str | None) -> None:
        problem = problem_of(make, keyfile=encrypted_key, password=password)
        assert problem.setting == "keyfile_password"
        assert "needs a password" in problem.problem

    @needs_openssl
    def test_nothing_is_asked_on_the_terminal(self, certificates: Certificates, encrypted_key: Path) -> None:
        """On a terminal of its own, where the question would wait for an answer forever."""
        program = (
            "import os, pty, sys\n"
            "from penstock.base.errors import SettingsError\n"
            "from penstock.transport.tls_context import create_context\n"
            "def serve():\n"
            "    try: create_context(*sys.argv[1:])\n"
            "    except SettingsError as error: print(error.setting, flush=True)\n"
            "child, terminal = pty.fork()\n"
            "if not child: serve(); os._exit(0)\n"
            "seen = b''\n"
            "while b'\\n' not in seen: seen += os.read(terminal, 1000)\n"
            "sys.stdout.write(seen.decode())\n"
        )
        arguments = [sys.executable, "-W", "ignore", "-c", program, certificates.cert_file, encrypted_key]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=True)
        assert done.stdout.strip() == "keyfile_password"

    @pytest.mark.parametrize("verify_client", ["optional", "required"])
    def test_verifying_without_authorities(self, make: Make, verify_client: str) -> None:
        problem = problem_of(make, verify_client=verify_client)
        assert problem.setting == "verify_client"
        assert "needs the authorities" in problem.problem

    def test_authorities_without_verifying(self, make: Make, certificates: Certificates) -> None:
        problem = problem_of(make, ca_certs=certificates.ca_file)
        assert problem.setting == "ca_certs"
        assert "has no effect" in problem.problem

    def test_an_unknown_way_of_verifying(self, make: Make, certificates: Certificates) -> None:
        problem = problem_of(make, verify_client="maybe", ca_certs=certificates.ca_file)
        assert problem.problem == "got 'maybe'; expected one of none, optional, required"

    def test_missing_authorities(self, make: Make, tmp_path: Path) -> None:
        problem = problem_of(make, verify_client="required", ca_certs=tmp_path / "missing.pem")
        assert problem.setting == "ca_certs"

    def test_damaged_authorities(self, make: Make, certificates: Certificates, tmp_path: Path) -> None:
        ca_certs = damaged(certificates.ca_file, tmp_path)
        assert problem_of(make, verify_client="required", ca_certs=ca_certs).setting == "ca_certs"

    def test_unknown_ciphers(self, make: Make) -> None:
        problem = problem_of(make, ciphers="ROT13")
        assert problem.setting == "ciphers"
        assert "ROT13" in problem.problem
