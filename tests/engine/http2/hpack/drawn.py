"""What Hypothesis draws for HPACK: fields, scripts of a connection, and parts of blocks that may be wrong."""

from hypothesis import strategies as st
from tests.engine.http2.hpack.blocks import indexed, kept, resized, unkept

from penstock.engine.http2.hpack.static import STATIC_FIELDS

NAMES = st.sampled_from([field[0] for field in STATIC_FIELDS]) | st.sampled_from([b"x-a", b"x-b", b""])
VALUES = st.sampled_from([b"", b"200", b"GET", b"v" * 1000, b"v" * 4064]) | st.binary(max_size=60)
FIELDS = st.lists(
    st.sampled_from(STATIC_FIELDS) | st.tuples(NAMES, VALUES) | st.tuples(st.binary(max_size=20), VALUES),
    max_size=12,
)
SIZES = st.sampled_from([0, 33, 64, 100, 4096, 65536]) | st.integers(0, 5000)
# For each block the sizes that settings allowed before it, and its fields.
SCRIPTS = st.lists(st.tuples(st.lists(SIZES, max_size=3), FIELDS), max_size=8)

PARTS = st.one_of(
    st.integers(0, 130).map(indexed),
    st.builds(kept, NAMES, VALUES),
    st.builds(unkept, NAMES, VALUES),
    SIZES.map(resized),
    st.binary(max_size=12),
    st.sampled_from([b"\x7f\x00", b"\xff\xff", b"\x3f\xe1\x1f", b"\x41\x82\xff\xff", b"\x10\x00\x00"]),
)
