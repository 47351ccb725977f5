"""What may stand beside the address of a host: the names under which redis-py knows it.

channels_redis hands all of it on to redis-py, whose connections come out of a pool and take one command at a
time. Ours are opened by redis-py, and are links from then on. What is for opening them does here what it does
there. What is for a pool, or for the answers, is taken and left out, so that a project need not change its
hosts.
"""

TLS_KEYS = frozenset({
    "ssl_ca_certs", "ssl_ca_data", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password",
    "ssl_cert_reqs", "ssl_check_hostname", "ssl_ciphers", "ssl_min_version", "ssl_include_verify_flags",
    "ssl_exclude_verify_flags",
})  # fmt: skip
ACCESS_KEYS = TLS_KEYS | {
    "db", "username", "password", "credential_provider", "client_name", "lib_name", "lib_version",
    "driver_info", "socket_connect_timeout", "socket_keepalive", "socket_keepalive_options", "socket_type",
}  # fmt: skip
PLACE_KEYS = frozenset({
    "address", "host", "port", "path", "unix_socket_path", "ssl", "connection_class", "sentinels",
    "master_name", "sentinel_kwargs",
})  # fmt: skip
# Sentinels are asked by redis-py itself, one command each: their answers may be waited for.
SENTINEL_KEYS = ACCESS_KEYS - {"socket_type"} | {"ssl", "socket_timeout"}

# Nothing is done twice that may have been done: callers are told, and the connection is made anew.
OF_RETRIES = {"retry", "retry_on_error", "retry_on_timeout"}
# There are two connections for each server and process, which everybody shares.
OF_POOLS = {
    "max_connections", "timeout", "single_connection_client", "auto_close_connection_pool",
    "check_connection", "maint_notifications_config", "event_dispatcher",
}  # fmt: skip
# A link is silent for as long as nothing comes. That the server lives is seen thrice in `lease_seconds`.
OF_SILENCE = {"socket_timeout", "health_check_interval"}
# The layer's own, and nobody else sees them.
OF_ANSWERS = {
    "encoding", "encoding_errors", "decode_responses", "protocol", "legacy_responses", "parser_class",
    "encoder_class", "socket_read_size",
}  # fmt: skip
LEFT_OUT = frozenset(OF_RETRIES | OF_POOLS | OF_SILENCE | OF_ANSWERS)
