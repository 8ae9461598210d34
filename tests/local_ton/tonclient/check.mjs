// Talks to a network through @ton/ton alone: reads a balance and an item, sends a transfer.
// Input: JSON in the first argument. Output: JSON on the last line.

import { keyPairFromSeed } from "@ton/crypto";
import { Address, beginCell, internal, toNano, TonClient, WalletContractV5R1 } from "@ton/ton";

const wanted = JSON.parse(process.argv[2]);
const client = new TonClient({ endpoint: wanted.endpoint });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const { stack } = await client.runMethod(Address.parse(wanted.item), "get_nft_data");
const item = {
  initialised: stack.readBoolean(),
  index: stack.readNumber(),
  collection: stack.readAddress().toRawString(),
  owner: stack.readAddress().toRawString(),
};

const keys = keyPairFromSeed(Buffer.from(wanted.seed, "hex"));
const walletId = { networkGlobalId: -3 };
const wallet = client.open(WalletContractV5R1.create({ publicKey: keys.publicKey, walletId }));
const receiver = Address.parse(wanted.receiver);
const before = await client.getBalance(receiver);
const seqno = await wallet.getSeqno();
const body = beginCell().storeUint(0, 32).storeStringTail("from @ton/ton").endCell();
const messages = [internal({ to: receiver, value: toNano("1.5"), bounce: false, body })];
await wallet.sendTransfer({ seqno, secretKey: keys.secretKey, messages, sendMode: 3 });
while ((await wallet.getSeqno()) === seqno) {
  await sleep(50);
}

const [received] = await client.getTransactions(receiver, { limit: 1 });
const fees = await client.estimateExternalMessageFee(wallet.address, {
  body: await wallet.createTransfer({
    seqno: seqno + 1, secretKey: keys.secretKey, messages, sendMode: 3,
  }),
  initCode: null,
  initData: null,
  ignoreSignature: true,
});
const masterchain = await client.getMasterchainInfo();
const shards = await client.getWorkchainShards(masterchain.latestSeqno);
const state = await client.getContractState(wallet.address);

console.log(JSON.stringify({
  item,
  wallet: wallet.address.toRawString(),
  walletState: state.state,
  before: before.toString(),
  after: (await client.getBalance(receiver)).toString(),
  received: {
    value: received.inMessage.info.value.coins.toString(),
    comment: received.inMessage.body.beginParse().skip(32).loadStringTail(),
    sender: received.inMessage.info.src.toRawString(),
    hash: received.hash().toString("base64"),
  },
  gasFee: fees.source_fees.gas_fee,
  shards: shards.length,
  seqno: masterchain.latestSeqno,
}));
