"""Who gets which answer from every address of the shop. A new address without a row fails a test.

The objects named in an address belong to the last role of its row: the fan's order and wallet, the
artist's release and drop. Bodies are empty where that shows who may write without writing: 400
means let in and then asked for more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

API = ("nobody", "stranger", "fan")
PORTAL = ("nobody", "stranger", "artist")
Door = Literal["api", "pages"]


@dataclass(frozen=True)
class Row:
    """One method of one address: the status that each role gets."""

    name: str
    method: str
    statuses: Mapping[str, int]
    door: Door = "api"
    body: Mapping[str, Any] = field(default_factory=dict)


def api(name: str, method: str, nobody: int, stranger: int, fan: int, /, **body: Any) -> Row:
    return Row(name, method, dict(zip(API, (nobody, stranger, fan), strict=True)), body=body)


def page(name: str, method: str, nobody: int, stranger: int, artist: int) -> Row:
    statuses = dict(zip(PORTAL, (nobody, stranger, artist), strict=True))
    return Row(name, method, statuses, door="pages")


MATRIX = (
    # open to everyone
    page("landing", "GET", 200, 200, 200),
    page("miniapp", "GET", 200, 200, 200),
    page("miniapp-path", "GET", 200, 200, 200),
    page("tonconnect-manifest", "GET", 200, 200, 200),
    page("health-live", "GET", 200, 200, 200),
    page("health-ready", "GET", 503, 503, 503),  # no follower runs beside these tests
    page("metrics", "GET", 200, 200, 200),  # to a scraper on this machine, see tests/core
    page("ipfs", "GET", 200, 200, 200),
    page("media", "GET", 403, 403, 403),  # with a link that is none; see tests/catalog
    page("cover", "GET", 200, 200, 200),
    page("preview-mp3", "GET", 404, 404, 404),  # of what is no preview; see tests/catalog
    page("schema", "GET", 200, 200, 200),
    page("api-docs", "GET", 200, 200, 200),
    api("config", "GET", 200, 200, 200),
    api("artist-list", "GET", 200, 200, 200),
    api("artist-detail", "GET", 200, 200, 200),
    api("drop-list", "GET", 200, 200, 200),
    api("drop-detail", "GET", 200, 200, 200),
    api("item-detail", "GET", 200, 200, 200),
    api("item-certificate", "GET", 200, 200, 200),
    api("drop-collectors", "GET", 200, 200, 200),
    api("artist-collectors", "GET", 200, 200, 200),
    api("search", "GET", 200, 200, 200),
    api("home", "GET", 200, 200, 200),  # the signed in see more; see tests/nft/test_discovery
    api("genres", "GET", 200, 200, 200),
    api("track-detail", "GET", 200, 200, 200),
    api("release-detail", "GET", 200, 200, 200),
    api("track-stream", "GET", 200, 200, 200),  # preview or whole: see tests/nft/test_streaming
    api("track-download", "GET", 403, 403, 403),  # of a track whose edition none of them holds
    api("track-plays", "POST", 400, 400, 400),  # without a token
    page("payment-return", "GET", 404, 404, 404),  # of an attempt that is none
    page("store-drop", "GET", 200, 200, 200),
    page("store-checkout", "GET", 302, 200, 200),
    page("store-order", "GET", 302, 404, 404),  # the buyer's own only; see test_storefront
    page("store-order", "POST", 302, 404, 404),
    page("store-order-transaction", "POST", 302, 404, 404),
    page("store-receipt", "GET", 302, 404, 404),  # likewise; see test_buyer_receipts
    page("store-receipt-file", "GET", 302, 404, 404),
    page("store-order-gift", "POST", 302, 404, 404),
    page("store-gift", "GET", 404, 404, 404),  # of a secret that is none; see test_gifts
    page("store-gift", "POST", 302, 404, 404),
    page("telegram-webhook", "POST", 403, 403, 403),  # without its secret
    page("webhook", "POST", 404, 404, 404),  # of a sender that is none
    # signing in
    api("auth-telegram", "POST", 400, 400, 400),
    api("auth-wallet-nonce", "POST", 200, 200, 200),
    api("auth-wallet", "POST", 400, 400, 400),
    api("auth-refresh", "POST", 400, 400, 400),
    api("auth-logout", "POST", 401, 204, 204),
    api("dev-init-data", "POST", 200, 200, 200),
    api("dev-login", "GET", 302, 302, 302),
    page("sign-in", "GET", 200, 200, 200),
    page("sign-in-demo", "POST", 404, 404, 404),  # the people of the seed are not here
    page("sign-in-wallet-nonce", "POST", 200, 200, 200),
    page("sign-in-wallet", "POST", 400, 400, 400),
    page("sign-in-telegram", "GET", 404, 404, 404),  # no client of ours there; see tests/accounts
    page("sign-in-telegram-back", "GET", 404, 404, 404),
    page("sign-in-bot", "POST", 404, 404, 404),  # likewise: no bot that is told anything
    page("sign-in-bot-check", "GET", 302, 302, 302),  # of a browser that asked nothing
    page("sign-in-bot-state", "GET", 200, 200, 200),
    page("sign-out", "POST", 302, 302, 302),
    page("second-factor", "GET", 302, 302, 302),  # staff alone, and only who owes it
    page("second-factor", "POST", 302, 302, 302),
    page("second-factor-enrol", "GET", 302, 302, 302),
    page("second-factor-enrol", "POST", 302, 302, 302),
    page("second-factor-leave", "POST", 302, 302, 302),
    # one's own things
    api("me", "GET", 401, 200, 200),
    api("notices", "GET", 401, 200, 200),
    api("notices", "PATCH", 401, 200, 200),
    api("notices-access", "PUT", 401, 400, 400),  # without an answer
    api("share", "POST", 401, 400, 400),  # of nothing; see tests/payments/test_sharing
    api("me", "PATCH", 401, 200, 200, theme="dark"),
    api("session-list", "GET", 401, 200, 200),
    api("session-list", "DELETE", 401, 204, 204),
    api("session", "DELETE", 401, 404, 204),
    api("me-export", "POST", 401, 200, 200),
    api("me-erasure", "GET", 401, 200, 200),
    api("me-erasure", "POST", 401, 400, 400),  # without saying so
    api("me-verification", "GET", 401, 200, 200),
    api("me-verification", "PUT", 401, 400, 400),
    api("me-verification", "DELETE", 401, 409, 409),  # there is no draft
    api("me-verification-submission", "POST", 401, 409, 409),
    page("account-export", "GET", 404, 404, 404),  # with a link that is none
    api("wallet-nonce", "POST", 401, 200, 200),
    api("wallets", "POST", 401, 400, 400),
    api("wallet", "DELETE", 401, 404, 204),
    api("item-list", "GET", 401, 200, 200),
    api("item-transfer", "POST", 401, 400, 400),  # without a wallet to send to
    api("transfer-list", "GET", 401, 200, 200),
    api("transfer-detail", "GET", 401, 404, 200),
    api("order-list", "GET", 401, 200, 200),
    api("order-list", "POST", 401, 400, 400),
    api("order-detail", "GET", 401, 404, 200),
    api("order-attempts", "POST", 401, 404, 201, method="ton"),
    api("order-receipt", "GET", 401, 404, 404),  # of an order without one; see test_buyer_receipts
    api("order-gift", "POST", 401, 404, 409, note="hello"),  # an order that is no gift
    api("order-gift", "DELETE", 401, 404, 409),
    api("drop-offers", "GET", 401, 200, 200),
    api("claim-list", "GET", 401, 200, 200),
    api("gift-list", "GET", 401, 200, 200),
    api("gift", "GET", 404, 404, 404),  # of a secret that is none; see test_gifts
    api("gift", "POST", 401, 404, 404),
    api("referral-me", "GET", 401, 200, 200),
    api("referral-leaders", "GET", 401, 200, 200),
    api("rates", "GET", 200, 200, 200),
    api("track-like", "PUT", 401, 200, 200),  # everybody's own like
    api("track-like", "DELETE", 401, 200, 200),
    api("like-list", "GET", 401, 200, 200),
    api("artist-follow", "PUT", 401, 200, 200),
    api("artist-follow", "DELETE", 401, 200, 200),
    api("follow-list", "GET", 401, 200, 200),
    api("marks", "GET", 401, 200, 200),
    api("playlist-list", "GET", 401, 200, 200),
    api("playlist-list", "POST", 401, 400, 400),
    api("playlist", "GET", 404, 404, 200),  # a private one; see test_playlists
    api("playlist", "PATCH", 401, 404, 200),
    api("playlist", "DELETE", 401, 404, 204),
    api("playlist-entries", "POST", 401, 400, 400),
    api("playlist-entry", "PATCH", 401, 404, 200, after=None),
    api("playlist-entry", "DELETE", 401, 404, 200),
    api("playlist-members", "GET", 401, 404, 200),
    api("playlist-member", "PATCH", 401, 404, 409, role="viewer"),  # the owner stays the owner
    api("playlist-member", "DELETE", 401, 404, 409),
    api("playlist-invitation", "GET", 401, 404, 404),  # there is none
    api("playlist-invitation", "PUT", 401, 404, 200, role="editor"),
    api("playlist-invitation", "DELETE", 401, 404, 204),
    api("playlist-link", "POST", 401, 404, 200),
    api("playlist-log", "GET", 401, 404, 200),
    api("playlist-invited", "GET", 404, 404, 404),  # of a token that is none
    api("playlist-invited", "POST", 401, 404, 404),
    # the artist portal
    page("portal", "GET", 302, 200, 200),
    page("web-wallet-nonce", "POST", 401, 200, 200),
    page("web-wallets", "POST", 401, 400, 400),
    page("portal-artist-new", "GET", 302, 200, 200),  # everybody may become an artist
    page("portal-artist-new", "POST", 302, 200, 200),
    page("portal-artist", "GET", 302, 404, 200),
    page("portal-artist", "POST", 302, 404, 200),
    page("portal-release-new", "GET", 302, 404, 200),
    page("portal-release-new", "POST", 302, 404, 200),
    page("portal-draft", "GET", 302, 404, 200),
    page("portal-draft", "POST", 302, 404, 200),
    page("portal-draft-tracks", "GET", 302, 404, 200),
    page("portal-draft-cover", "GET", 302, 404, 200),
    page("portal-draft-file", "POST", 302, 404, 302),
    page("portal-draft-publish", "POST", 302, 404, 302),
    page("portal-track", "GET", 302, 404, 200),
    page("portal-track-update", "POST", 302, 404, 302),
    page("portal-track-move", "POST", 302, 404, 302),
    page("portal-track-remove", "POST", 302, 404, 302),
    page("portal-track-preview", "POST", 302, 404, 302),
    page("portal-track-retry", "POST", 302, 404, 302),
    page("portal-uploads", "POST", 412, 412, 412),  # without tus' version; see test_tus
    page("portal-upload", "HEAD", 412, 412, 412),
    page("portal-release", "GET", 302, 404, 200),
    page("portal-release", "POST", 302, 404, 200),
    page("portal-drop", "GET", 302, 404, 200),
    page("portal-drop-transaction", "POST", 302, 404, 200),
    page("portal-drop-abandon", "POST", 302, 404, 302),
    page("portal-split", "GET", 302, 404, 200),
    page("portal-split", "POST", 302, 404, 200),
    page("portal-share", "GET", 302, 404, 200),
    page("portal-share", "POST", 302, 404, 409),  # no wallet was named
    page("portal-share-join", "GET", 302, 404, 404),  # with a link that is none
    page("portal-share-join", "POST", 302, 404, 404),
    page("portal-splitter-transaction", "POST", 302, 404, 404),  # of a drop without collaborators
    page("portal-verification", "GET", 302, 200, 200),
    page("portal-verification", "POST", 302, 200, 200),
    page("portal-verification-file", "POST", 302, 302, 302),
    page("portal-verification-file-remove", "POST", 302, 302, 302),
    page("portal-earnings", "GET", 302, 200, 200),
    page("portal-earnings-choice", "POST", 302, 302, 302),
    page("portal-statement", "GET", 302, 404, 200),
)
