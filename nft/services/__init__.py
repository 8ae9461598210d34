"""Every change of drops and editions."""

from nft.services.deployment import (
    collection_abandon,
    collection_deploy_transaction,
    collection_prepare,
    collection_verify,
)
from nft.services.ownership import item_owner_read, items_owner_refresh, items_record
from nft.services.splits import share_confirm, share_join, split_save
from nft.services.splitting import splitter_standing, splitter_transaction
from nft.services.supply import publish_supply, terms_refresh

__all__ = [
    "collection_abandon",
    "collection_deploy_transaction",
    "collection_prepare",
    "collection_verify",
    "item_owner_read",
    "items_owner_refresh",
    "items_record",
    "publish_supply",
    "share_confirm",
    "share_join",
    "split_save",
    "splitter_standing",
    "splitter_transaction",
    "terms_refresh",
]
