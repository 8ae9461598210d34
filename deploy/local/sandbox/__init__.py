"""Strict stand-ins of the payment providers, Telegram's Bot API and Vault, for this machine only.

Each is an HTTP server of its own on loopback that refuses what the real one refuses. The product
knows nothing of them: only base addresses differ. Steering is under /_sandbox/, see frame.py.
"""
