"""Who signs for the hub's minter without us holding a key: a wallet of a person, or Vault."""


class SignerError(Exception):
    """Nothing was signed; the same call may succeed later."""
