"""TON: one message from the buyer's wallet to the collection, signed through TON Connect.

message.py builds it, prices.py says what it must bring, refusals.py reads what became of one that
was refused, provider.py is the provider. What was paid comes from the hub's receipts
(payments/chain.py), never from here.
"""
