"""Every change of drops and editions."""

from nft.services.deployment import (
    collection_abandon,
    collection_deploy_transaction,
    collection_prepare,
    collection_verify,
)
from nft.services.ownership import items_owner_refresh, items_record
from nft.services.supply import publish_supply, terms_refresh

__all__ = [
    "collection_abandon",
    "collection_deploy_transaction",
    "collection_prepare",
    "collection_verify",
    "items_owner_refresh",
    "items_record",
    "publish_supply",
    "terms_refresh",
]
