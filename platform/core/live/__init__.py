"""Live updates. Rooms use `topic` and `publish`; the server process takes `application`."""

from core.live.socket import application
from core.live.topics import Identity, publish, topic

__all__ = ["Identity", "application", "publish", "topic"]
