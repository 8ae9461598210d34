import { config } from "./page";

interface Answer<T> {
  ok: boolean;
  result: T;
  error?: string;
}

/** toncenter's v2 API of the local network. Throws Error with the network's own words. */
async function ask<T>(method: string, body: unknown): Promise<T> {
  const response = await fetch(config.tonApi + method, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Answer<T>;
  if (!answer.ok) throw new Error(answer.error ?? `${method}: ${response.status}`);
  return answer.result;
}

async function account(address: string): Promise<{ balance: string; state: string }> {
  const url = `${config.tonApi}getAddressInformation?address=${encodeURIComponent(address)}`;
  const answer = (await (await fetch(url)).json()) as Answer<{ balance: string; state: string }>;
  if (!answer.ok) throw new Error(answer.error ?? "getAddressInformation");
  return answer.result;
}

export const network = {
  /** Nano-coins. */
  balance: async (address: string) => BigInt((await account(address)).balance),

  /** The wallet's sequence number; null while it is not deployed. */
  async seqno(address: string): Promise<number | null> {
    if ((await account(address)).state !== "active") return null;
    const ran = await ask<{ exit_code: number; stack: [string, string][] }>("runGetMethod", {
      address,
      method: "seqno",
      stack: [],
    });
    if (ran.exit_code !== 0) throw new Error(`seqno: exit code ${ran.exit_code}`);
    return Number(BigInt(ran.stack[0]?.[1] ?? "0"));
  },

  send: (boc: string) => ask<unknown>("sendBoc", { boc }),

  async faucet(address: string, nano: bigint): Promise<void> {
    const response = await fetch(new URL("/faucet", config.tonApi), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ address, amount: nano.toString() }),
    });
    if (!response.ok) throw new Error(`faucet: ${response.status}`);
  },
};
