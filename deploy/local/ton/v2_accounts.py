"""toncenter v2: accounts and addresses."""

from __future__ import annotations

from typing import Any, Final

from pytoniq.contract.wallets.wallet_v5 import WALLET_V5_R1_CODE

from deploy.local.ton import addresses, render
from deploy.local.ton.accounts import AccountState
from deploy.local.ton.params import Method, Params, address_of, number
from deploy.local.ton.view import View

_V5_NAME: Final = "wallet v5 r1"


def state_word(account: AccountState) -> str:
    """Return active, frozen or uninitialized."""
    return account.status if account.status in ("active", "frozen") else "uninitialized"


def last_of(account: AccountState) -> dict[str, str]:
    """Return the id of the last transaction; lt 0 for an account never used."""
    return render.transaction_id(account.last_lt, account.last_hash)


class Accounts:
    """Reads of one account."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.methods: dict[str, Method] = {
            "getAddressInformation": self.address_information,
            "getExtendedAddressInformation": self.extended_information,
            "getWalletInformation": self.wallet_information,
            "getAddressBalance": self.balance,
            "getAddressState": self.state,
            "packAddress": self.pack,
            "unpackAddress": self.unpack,
            "detectAddress": self.detect,
        }

    def _account(self, params: Params) -> AccountState:
        return self.view.account(address_of(params), number(params, "seqno"))

    def address_information(self, params: Params) -> Any:
        """Return balance, code, data and the last transaction."""
        account = self._account(params)
        seqno = self.view.at(number(params, "seqno"))
        return {
            "@type": "raw.fullAccountState",
            "balance": str(account.balance),
            "extra_currencies": [],
            "code": render.boc64(account.code),
            "data": render.boc64(account.data),
            "last_transaction_id": last_of(account),
            "block_id": self.view.block_id(-1, seqno),
            "frozen_hash": render.b64(account.frozen_hash) if account.frozen_hash else "",
            "sync_utime": self.view.utime(seqno),
            "@extra": self.view.extra(),
            "state": state_word(account),
        }

    def extended_information(self, params: Params) -> Any:
        """Return the account as tonlib's getAccountState sees it."""
        raw = address_of(params)
        info = self.address_information(params)
        state: dict[str, Any] = {"@type": "uninited.accountState", "frozen_hash": ""}
        revision = 0
        if info["state"] == "active":
            state = {"@type": "raw.accountState", "frozen_hash": ""}
            state |= {"code": info["code"], "data": info["data"]}
        return {
            "@type": "fullAccountState",
            "address": {
                "@type": "accountAddress",
                "account_address": addresses.friendly(raw),
            },
            "balance": info["balance"],
            "extra_currencies": [],
            "last_transaction_id": info["last_transaction_id"],
            "block_id": info["block_id"],
            "sync_utime": info["sync_utime"],
            "account_state": state,
            "revision": revision,
            "@extra": info["@extra"],
        }

    def wallet_information(self, params: Params) -> Any:
        """Return what is known of a wallet; the development wallet is the known kind."""
        account = self._account(params)
        answer: dict[str, Any] = {
            "wallet": False,
            "balance": str(account.balance),
            "extra_currencies": [],
            "account_state": state_word(account),
            "last_transaction_id": last_of(account),
        }
        if account.code is None or account.data is None:
            return answer
        if account.code.hash == WALLET_V5_R1_CODE.hash:
            data = account.data.begin_parse()
            answer |= {"wallet": True, "wallet_type": _V5_NAME}
            answer["is_signature_allowed"] = bool(data.load_bit())
            answer["seqno"], answer["wallet_id"] = data.load_uint(32), data.load_uint(32)
        return answer

    def balance(self, params: Params) -> Any:
        """Return the balance as text."""
        return str(self._account(params).balance)

    def state(self, params: Params) -> Any:
        """Return uninitialized, active or frozen."""
        return state_word(self._account(params))

    def pack(self, params: Params) -> Any:
        """Return the bounceable form, or the non-bounceable one when that was given."""
        return self._forms(params)["b64"]

    def unpack(self, params: Params) -> Any:
        """Return the raw form."""
        return address_of(params)

    def detect(self, params: Params) -> Any:
        """Return every form."""
        address_of(params)
        return addresses.forms(addresses.detect(str(params["address"])))

    def _forms(self, params: Params) -> dict[str, str]:
        found = self.detect(params)
        non = "non_bounceable" in found["given_type"]
        forms: dict[str, str] = found["non_bounceable" if non else "bounceable"]
        return forms
