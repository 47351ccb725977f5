"""The files that a run needs beside the programs: one to be sent, and a certificate."""

import subprocess
from pathlib import Path

from bench.apps import FILE
from bench.http1_works import FILE_BODY

FOLDER = FILE.parent


def prepare_file() -> None:
    """The file that the servers send; real blocks and no holes, which would be cheaper to read."""
    FOLDER.mkdir(exist_ok=True)
    if not FILE.exists() or FILE.stat().st_size != len(FILE_BODY):
        FILE.write_bytes(FILE_BODY)


def certificate() -> tuple[Path, Path]:
    """A self-signed certificate on P-256 and its key, as PKCS #8, made when they are not there."""
    FOLDER.mkdir(exist_ok=True)
    made, key = FOLDER / "certificate.pem", FOLDER / "key.pem"
    if not made.exists():
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        words = ("openssl", "req", "-x509", "-nodes", *curve, *subject, "-days", "365")
        subprocess.run([*words, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    return made, key
