"""Blocks of IPFS from gateways that nobody has to trust: what comes is checked against its hash.

`Fetcher.begin` asks for one leaf of a file whose hashes we know; `Flight.result` gives its bytes or
raises FetchFailed. Which gateway is asked, when a second one is, and who is left alone for a while
is decided from what each has done lately (core.ipfs.gateways.health). Nothing here knows where the
list of gateways is kept.
"""

from core.ipfs.gateways.base import FetchFailed, Gateway, Limits, News, Want
from core.ipfs.gateways.fetcher import Fetcher
from core.ipfs.gateways.flights import Flight

__all__ = ["FetchFailed", "Fetcher", "Flight", "Gateway", "Limits", "News", "Want"]
