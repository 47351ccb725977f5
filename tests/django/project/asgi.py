"""A project of Django and Channels, as its documentation has one starts: a chat room, a worker's queue."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="of a test",
    BASE_DIR=Path(__file__).parent,
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": json.loads(os.environ["CHANNEL_LAYER"])},
)
django.setup()


class Chat(AsyncJsonWebsocketConsumer):  # type: ignore[misc] # Channels has no types
    """Joins by `groups`, and says who it is."""

    groups = ["room"]

    async def connect(self) -> None:
        await self.accept()
        await self.send_json({"name": self.channel_name, "process": os.getpid()})

    async def receive_json(self, content: Any) -> None:
        await self.channel_layer.group_send("room", {"type": "chat.said", "text": content["say"]})

    async def chat_said(self, event: dict[str, Any]) -> None:
        await self.send_json({"said": event["text"]})


class SynchronousChat(JsonWebsocketConsumer):  # type: ignore[misc] # as above
    """The same for code without a loop: each call of the layer comes from a loop of its own."""

    groups = ["room"]

    def receive_json(self, content: Any) -> None:
        from asgiref.sync import async_to_sync  # noqa: PLC0415

        async_to_sync(self.channel_layer.group_send)("room", {"type": "chat.said", "text": content["say"]})

    def chat_said(self, event: dict[str, Any]) -> None:
        self.send_json({"said": event["text"]})


def tell(request: HttpRequest) -> JsonResponse:
    """A view without a loop."""
    layer = get_channel_layer()
    layer.sync.group_send("room", {"type": "chat.said", "text": "from a view"})
    return JsonResponse({"members": layer.sync.group_count("room")})


urlpatterns = [path("tell", tell)]
application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("chat", Chat.as_asgi()), path("sync", SynchronousChat.as_asgi())]),
    }
)
assert "daphne" not in sys.modules
