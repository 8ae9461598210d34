"""Every change of drops and editions."""

from nft.services.deployment import (
    collection_abandon,
    collection_deploy_transaction,
    collection_prepare,
    collection_verify,
)
from nft.services.ownership import (
    Seen,
    item_owner_read,
    item_see,
    items_owner_refresh,
    items_record,
    look_key,
)
from nft.services.splits import share_confirm, share_join, split_save
from nft.services.splitting import splitter_standing, splitter_transaction
from nft.services.supply import publish_supply, terms_refresh
from nft.services.transfers import (
    transfer_follow,
    transfer_message,
    transfer_open,
    transfer_owner,
    transfers_follow,
)

__all__ = [
    "Seen",
    "collection_abandon",
    "collection_deploy_transaction",
    "collection_prepare",
    "collection_verify",
    "item_owner_read",
    "item_see",
    "items_owner_refresh",
    "items_record",
    "look_key",
    "publish_supply",
    "share_confirm",
    "share_join",
    "split_save",
    "splitter_standing",
    "splitter_transaction",
    "terms_refresh",
    "transfer_follow",
    "transfer_message",
    "transfer_open",
    "transfer_owner",
    "transfers_follow",
]
