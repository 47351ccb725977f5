"""L1: protocol engines. Bytes in, events out, no I/O at all; compiled where a C compiler is."""
