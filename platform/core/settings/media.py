"""Music and pictures: their keys, their places on IPFS, the tools that make them playable."""

from core.settings import env

# What wraps the keys of recordings for holders: "name:base64 of 32 bytes", the newest first.
MEDIA_MASTER_KEYS = env.keys("MEDIA_MASTER_KEYS")
