"""The subject of a certificate as one string (RFC 4514), read from its DER (X.690).

`SSLObject.getpeercert()` is of no use for it: it has lost which string type each value had and which OID
each name stands for, and RFC 4514 needs both. Only certificates that OpenSSL has parsed come here;
lengths are checked all the same, and what cannot be read is a ValueError.
"""

from collections.abc import Iterator

SHORT_NAMES = {  # RFC 4514 section 3
    "2.5.4.3": "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
EXPLICIT_VERSION = 0xA0  # the only field that may be missing
ENCODINGS = {
    12: "utf-8",  # UTF8String
    18: "ascii",  # NumericString
    19: "ascii",  # PrintableString
    20: "latin-1",  # TeletexString, as everybody reads it
    22: "ascii",  # IA5String
    26: "ascii",  # VisibleString
    28: "utf-32-be",  # UniversalString
    30: "utf-16-be",  # BMPString
}
_SPECIAL = {character: f"\\{character}" for character in '"+,;<>\\'}
_CONTROLS = {chr(code): f"\\{code:02X}" for code in (*range(32), 127)}  # no name forges a line of a log
_ESCAPES = str.maketrans(_SPECIAL | _CONTROLS)

Element = tuple[int, bytes, bytes]  # tag, contents, and the whole of it


def subject_name(certificate: bytes) -> str:
    """The RFC 4514 string of the subject of a certificate in DER: the last relative name comes first."""
    try:
        names = list(_elements(_subject(certificate)))
        return ",".join(_relative_name(contents) for _, contents, _ in reversed(names))
    except IndexError as error:
        raise ValueError("the certificate ends too early") from error


def _subject(certificate: bytes) -> bytes:
    """RFC 5280 section 4.1: behind version, serial number, signature algorithm, issuer and validity."""
    ((_, contents, _),) = _elements(certificate)
    (_, to_be_signed, _), *_ = _elements(contents)
    fields = list(_elements(to_be_signed))
    return fields[5 if fields[0][0] == EXPLICIT_VERSION else 4][1]


def _relative_name(contents: bytes) -> str:
    return "+".join(_attribute(pair) for _, pair, _ in _elements(contents))


def _attribute(contents: bytes) -> str:
    (_, identifier, _), (tag, value, whole) = _elements(contents)
    dotted = _dotted(identifier)
    short = SHORT_NAMES.get(dotted)
    text = None if short is None else _maybe_text(tag, value)
    return f"{short or dotted}={'#' + whole.hex().upper() if text is None else _escaped(text)}"


def _maybe_text(tag: int, value: bytes) -> str | None:
    """None for what is not a string, or not one of its type: it is printed as DER."""
    encoding = ENCODINGS.get(tag)
    try:
        return None if encoding is None else value.decode(encoding)
    except UnicodeDecodeError:
        return None


def _escaped(text: str) -> str:
    """RFC 4514 section 2.4: special characters everywhere, "#" and a space in front, a space behind."""
    escaped = text.translate(_ESCAPES)
    if escaped.endswith(" "):
        escaped = escaped[:-1] + "\\ "
    if text.startswith(("#", " ")) and not escaped.startswith("\\"):
        escaped = "\\" + escaped
    return escaped


def _dotted(identifier: bytes) -> str:
    """X.690 section 8.19: base 128, the first two numbers folded into one."""
    numbers, number = [], 0
    for byte in identifier:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _elements(data: bytes) -> Iterator[Element]:
    """The elements that stand one after another in `data`."""
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        length, at = _length(data, at + 1)
        end = at + length
        if end > len(data):
            raise ValueError("an element of the certificate is longer than what holds it")
        yield tag, data[at:end], data[start:end]
        at = end


def _length(data: bytes, at: int) -> tuple[int, int]:
    """X.690 section 8.1.3: one byte, or the number of the bytes that follow with the length."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    return int.from_bytes(data[at + 1 : end]), end
