"""The local IPFS network: our node, a pinning service and three gateways, which can be broken."""
