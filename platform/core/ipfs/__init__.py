"""IPFS: content identifiers computed by us, so that bytes can be checked whoever delivers them."""
