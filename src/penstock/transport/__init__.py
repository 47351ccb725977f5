"""L3: sockets, the event loop, TLS, timers."""
