"""Penstock in a Django project: channel layers for Channels, by the names and settings that it uses.

    CHANNEL_LAYERS = {
        "default": {"BACKEND": "penstock.django.RedisChannelLayer", "CONFIG": {"hosts": ["redis://localhost"]}}
    }

A layer's module is imported when it is first asked for: nobody needs Redis for the layer in memory.
"""

from typing import Any

_MODULES = {
    "InMemoryChannelLayer": "penstock.django.memory",
    "LocalChannelLayer": "penstock.django.local",
    "RedisChannelLayer": "penstock.django.redis",
    "RedisPubSubChannelLayer": "penstock.django.redis",
}

__all__ = ["InMemoryChannelLayer", "LocalChannelLayer", "RedisChannelLayer", "RedisPubSubChannelLayer"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"penstock.django has no {name!r}; it has {', '.join(_MODULES)}")
    from importlib import import_module  # noqa: PLC0415 what is at the top would be exported

    return getattr(import_module(_MODULES[name]), name)
