"""Subjects of certificates as RFC 4514 strings."""

import datetime
from contextlib import suppress
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings, strategies

from penstock.transport.distinguished_name import subject_name

KEY = ec.generate_private_key(ec.SECP256R1())
DAY = datetime.datetime(2020, 1, 1)
TABLE = {
    "CN": NameOID.COMMON_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "DC": NameOID.DOMAIN_COMPONENT,
    "UID": NameOID.USER_ID,
}


def certificate(*names: list[x509.NameAttribute], key: Any = KEY) -> bytes:
    """In DER, self-signed; each list is one relative name."""
    subject = x509.Name([x509.RelativeDistinguishedName(each) for each in names])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the issuer, not the subject")])
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 1, DAY, DAY)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def attribute(oid: x509.ObjectIdentifier, value: Any) -> x509.NameAttribute:
    return x509.NameAttribute(oid, value, _validate=False)


PLAIN = certificate([attribute(NameOID.COMMON_NAME, "MARKER")])
UTF_8 = TABLE.keys() - {"DC"}  # which cryptography writes as an IA5String, whatever the characters
PRINTABLE = strategies.text(strategies.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=16)


def common_name(text: str) -> str:
    return subject_name(certificate([attribute(NameOID.COMMON_NAME, text)]))


def test_the_last_relative_name_comes_first() -> None:
    der = certificate(
        [attribute(NameOID.COUNTRY_NAME, "DE")],
        [attribute(NameOID.ORGANIZATION_NAME, "Example")],
        [attribute(NameOID.COMMON_NAME, "client")],
    )
    assert subject_name(der) == "CN=client,O=Example,C=DE"


@pytest.mark.parametrize("short", TABLE)
def test_the_names_of_rfc_4514_are_short(short: str) -> None:
    assert subject_name(certificate([attribute(TABLE[short], "value")])) == f"{short}=value"


def test_several_attributes_of_one_relative_name_are_joined_with_a_plus() -> None:
    der = certificate([attribute(NameOID.COMMON_NAME, "a"), attribute(NameOID.USER_ID, "b")])
    assert subject_name(der) in ("CN=a+UID=b", "UID=b+CN=a")


def test_other_attributes_are_told_by_number_and_der() -> None:
    """The value of a dotted type is the hexadecimal of its BER (RFC 4514 section 2.4)."""
    der = certificate([attribute(NameOID.EMAIL_ADDRESS, "a@b.c")])
    assert subject_name(der) == "1.2.840.113549.1.9.1=#16056140622E63"


def test_a_large_number_in_an_object_identifier_is_read() -> None:
    der = certificate([attribute(x509.ObjectIdentifier("2.999.123456789012345"), "x")])
    assert subject_name(der) == "2.999.123456789012345=#0C0178"


def test_an_empty_subject_is_an_empty_string() -> None:
    assert subject_name(certificate()) == ""


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("Sue, Grabbit and Runn", "Sue\\, Grabbit and Runn"),
        ('a"+;<>\\b', 'a\\"\\+\\;\\<\\>\\\\b'),
        ("#number", "\\#number"),
        ("not#first", "not#first"),
        (" space", "\\ space"),
        ("space ", "space\\ "),
        ("  two  ", "\\  two \\ "),
        (" ", "\\ "),
        ("a=b", "a=b"),
        ("Lučić", "Lučić"),
        ("a\0b", "a\\00b"),
        ("before\rafter\n", "before\\0Dafter\\0A"),
        ("\x7f", "\\7F"),
        (",", "\\,"),
    ],
)
def test_special_characters_are_escaped(text: str, escaped: str) -> None:
    assert common_name(text) == f"CN={escaped}"


@pytest.mark.parametrize(
    ("tag", "encoding"), [(12, "utf-8"), (19, "ascii"), (22, "ascii"), (30, "utf-16-be"), (28, "utf-32-be")]
)
def test_every_type_of_string_is_read(tag: int, encoding: str) -> None:
    assert subject_name(with_value(PLAIN, tag, "client".encode(encoding))) == "CN=client"


def test_teletex_is_read_as_latin_1() -> None:
    assert subject_name(with_value(PLAIN, 20, b"Caf\xe9")) == "CN=Café"


@pytest.mark.parametrize(("tag", "value"), [(12, b"\xff\xfe"), (3, b"\0abc"), (19, b"\xe9")])
def test_what_is_no_string_is_told_as_der(tag: int, value: bytes) -> None:
    whole = bytes([tag, len(value)]) + value
    assert subject_name(with_value(PLAIN, tag, value)) == f"CN=#{whole.hex().upper()}"


def with_value(certificate: bytes, tag: int, value: bytes) -> bytes:
    """The tbsCertificate of another subject: around it, every length is written anew."""
    old = b"\x0c\x06MARKER"
    new = bytes([tag, len(value)]) + value
    return _replaced(certificate, old, new)


def _replaced(element: bytes, old: bytes, new: bytes) -> bytes:
    """Replace one element inside constructed ones, and correct the lengths of those."""
    if element == old:
        return new
    if not element[0] & 0x20 or old not in element:
        return element
    at = 2 if element[1] < 0x80 else 2 + (element[1] & 0x7F)
    contents = b""
    while at < len(element):
        head = 2 if element[at + 1] < 0x80 else 2 + (element[at + 1] & 0x7F)
        length = element[at + 1] if head == 2 else int.from_bytes(element[at + 2 : at + head])
        contents += _replaced(element[at : at + head + length], old, new)
        at += head + length
    size = len(contents).to_bytes(3)
    return element[:1] + b"\x83" + size + contents


def test_a_certificate_with_long_lengths_is_read() -> None:
    der = certificate(
        [attribute(NameOID.ORGANIZATION_NAME, "o" * 60_000)],
        [attribute(NameOID.COMMON_NAME, "c")],
        key=rsa.generate_private_key(65537, 2048),
    )
    assert subject_name(der) == "CN=c,O=" + "o" * 60_000


@settings(deadline=None)
@given(names=strategies.lists(strategies.tuples(strategies.sampled_from(sorted(UTF_8)), PRINTABLE)))
def test_names_agree_with_those_of_cryptography(names: list[tuple[str, str]]) -> None:
    """Control characters are left out: cryptography escapes only the null."""
    der = certificate(*([attribute(TABLE[short], text)] for short, text in names))
    assert subject_name(der) == x509.load_der_x509_certificate(der).subject.rfc4514_string()


@settings(deadline=None)
@given(data=strategies.binary())
def test_garbage_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        subject_name(data)


@settings(deadline=None)
@given(at=strategies.integers(0, len(PLAIN) - 1), byte=strategies.integers(0, 255))
def test_a_damaged_certificate_gives_a_name_or_a_value_error(at: int, byte: int) -> None:
    damaged = bytearray(PLAIN)
    damaged[at] = byte
    with suppress(ValueError):
        assert isinstance(subject_name(bytes(damaged)), str)
