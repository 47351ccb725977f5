"""The layer through Redis, for Channels, with the keys of channels_redis in `CONFIG`.

`hosts`, `prefix`, `expiry`, `group_expiry`, `capacity`, `channel_capacity` and `symmetric_encryption_keys`
mean what they mean there; what Penstock has beyond may stand beside them. The two do not speak with each
other: all processes of a project change over together.
"""

from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.redis import RedisLayer
from penstock.channels.redis.settings import secrets
from penstock.django.backend import ChannelsBackend, settled

PREFIX = "asgi"  # the default of channels_redis
KEYS = "symmetric_encryption_keys"


class RedisChannelLayer(ChannelsBackend, RedisLayer):
    def __init__(
        self,
        hosts: Any = None,
        prefix: str = PREFIX,
        expiry: float | None = None,
        group_expiry: float | None = None,
        capacity: int | None = None,
        channel_capacity: Any = None,
        symmetric_encryption_keys: Any = None,
        *,
        serializer_format: str = "msgpack",
        **config: Any,
    ) -> None:
        """In the order in which channels_redis has them; the defaults are ours."""
        if serializer_format != "msgpack":
            problem = f"got {serializer_format!r}; expected msgpack, the only one that carries all messages"
            raise SettingsError("serializer_format", problem)
        self.prefix = prefix
        # No hosts are the server of this machine, as there.
        given: dict[str, Any] = {"hosts": hosts or None, "prefix": prefix}
        given |= {"expiry": expiry, "group_expiry": group_expiry, "capacity": capacity}
        given["channel_capacity"] = channel_capacity
        if symmetric_encryption_keys is not None:
            given["encryption_keys"] = secrets(KEYS, symmetric_encryption_keys)
        super().__init__(**settled({**given, **config}))

    @property
    def client_prefix(self) -> str:
        return self._station().client


class RedisPubSubChannelLayer(RedisChannelLayer):
    """For projects that name this one. `add_listener` is what its `on_disconnect` was for."""

    def __init__(self, hosts: Any = None, prefix: str = PREFIX, **config: Any) -> None:
        unused = {"on_disconnect", "on_reconnect"}
        super().__init__(hosts, prefix, **{key: value for key, value in config.items() if key not in unused})
