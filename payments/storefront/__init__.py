"""The shop on the open web: a drop's public page, checkout, what became of an order, gifts.

The only place where SBP, cards and Binance Pay are offered. Every page works without JavaScript but
for a wallet's signature. Providers are reached by a plain link, never out of a form: the content
security policy lets forms go nowhere but to us.
"""
