"""L4: configuration, the command line, signals, logs: one running server."""
