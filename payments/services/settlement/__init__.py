"""Minting what was paid elsewhere: batches are built, signed by the minter, proved by the chain.

built -> signing -> sent -> accepted (the hub took it) -> done (every part minted or returned).
The hub takes each batch number once, so nothing that is sent twice, late or not at all can mint
anything twice; and a claim leaves a batch only by a proof.
"""
