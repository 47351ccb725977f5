"""Frames, as the other side may cut them."""

import pytest

from penstock.channels.local.frames import BadFrame, FrameReader, batches, build

FRAMES = [(20, 1, "a", b"\0\xff" * 10), (3, 0), (40, 7, None, (1, -(2**63), 1.5, True))]
WIRE = b"".join(map(build, FRAMES))


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(WIRE) - 1, len(WIRE)])
def test_frames_come_out_as_they_went_in_however_they_are_cut(size: int) -> None:
    reader = FrameReader(1000)
    read = [frame for start in range(0, len(WIRE), size) for frame in reader.feed(WIRE[start : start + size])]
    assert read == FRAMES


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\0\0\3\xe9", "1001 bytes"),
        (b"\0\0\0\1\xc1", "no MessagePack"),
        (b"\0\0\0\1\5", "an array"),
        (b"\0\0\0\2\x91\5", "an array"),
        (b"\0\0\0\3\x92\5\xc0", "an array"),
    ],
)
def test_what_is_no_frame_or_too_long_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(BadFrame, match=problem):
        FrameReader(1000).feed(data)


def test_long_answers_are_parted() -> None:
    names = ["x" * 200] * 1000
    parts = batches(names, len)
    assert [name for part in parts for name in part] == names
    assert max(len(build((1, 1, part))) for part in parts) < 64 << 10
    assert batches([], len) == []
