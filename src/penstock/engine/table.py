"""Tables of states: which state follows an act. A pair that is absent is an act without a place."""

ABSENT = 255
WIDTH = 16  # acts, and states, that a table has room for


def flat(table: dict[tuple[int, int], int]) -> bytes:
    """The table as octets, one row of `WIDTH` acts for each state: an index instead of a hash."""
    octets = bytearray([ABSENT]) * (WIDTH * WIDTH)
    for (state, act), after in table.items():
        octets[state * WIDTH + act] = after
    return bytes(octets)
