"""Music and pictures: their keys, their places on IPFS, the tools that make them playable."""

from core.settings import env

# What wraps the keys of recordings for holders: "name:base64 of 32 bytes", the newest first.
MEDIA_MASTER_KEYS = env.keys("MEDIA_MASTER_KEYS")

# Who gives our bytes back: "name=https://host", asked in this order; "name:files=" for one that
# gives whole files and parts of them but no single blocks. Tokens: "name=token".
IPFS_GATEWAYS = env.words("IPFS_GATEWAYS", "")
IPFS_GATEWAY_TOKENS = env.words("IPFS_GATEWAY_TOKENS", "")
# Where bytes are looked for after the cache: in our own storage first, or at the gateways first.
MEDIA_ORIGIN = env.choice("MEDIA_ORIGIN", frozenset({"storage", "gateways"}), "storage")
MEDIA_CACHE_BYTES = env.number("MEDIA_CACHE_BYTES", 5_000_000_000)
# A location of nginx that may read MEDIA_CACHE_DIR ("/protected-media"); "": we send all bytes.
MEDIA_ACCEL_PREFIX = env.text("MEDIA_ACCEL_PREFIX", "").rstrip("/")
