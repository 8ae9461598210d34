import { call } from "./http";
import type {
  Artist,
  AttemptRequest,
  Claim,
  Download,
  Drop,
  DropDetail,
  Gift,
  Item,
  ItemDetail,
  Me,
  Nonce,
  Notices,
  Offers,
  Order,
  OrderRequest,
  Page,
  Played,
  Shared,
  ShareWhat,
  Stream,
  Wallet,
  WalletProof,
} from "./types";

const id = encodeURIComponent;

/** Keyset pages: `next` may be a whole address or the bare cursor. */
export function cursorOf(next: string | null | undefined): string {
  if (!next) return "";
  const found = /[?&]cursor=([^&]+)/.exec(next);
  return `cursor=${found ? found[1] : id(next)}`;
}

export const api = {
  drops: (next?: string | null) => call<Page<Drop>>(`/drops?limit=24&${cursorOf(next)}`),
  drop: (drop: string) => call<DropDetail>(`/drops/${id(drop)}`),
  artist: (slug: string) => call<Artist>(`/artists/${id(slug)}`),
  me: () => call<Me>("/me"),
  items: (next?: string | null) => call<Page<Item>>(`/items?${cursorOf(next)}`),
  item: (address: string) => call<ItemDetail>(`/items/${id(address)}`),
  /** `item`: an edition that the caller holds, where the page is that edition's. */
  stream: (track: string, format: "aac" | "opus", item: string | null, signal: AbortSignal) =>
    call<Stream>(`/tracks/${id(track)}/stream?format=${format}${item ? `&item=${id(item)}` : ""}`, {
      signal,
    }),
  download: (track: string, item: string) =>
    call<Download>(`/tracks/${id(track)}/download?item=${id(item)}`),
  played: (track: string, play_token: string) =>
    call<Played>(`/tracks/${id(track)}/plays`, { method: "POST", body: { play_token } }),
  orders: (next?: string | null) => call<Page<Order>>(`/orders?${cursorOf(next)}`),
  order: (order: string) => call<Order>(`/orders/${id(order)}`),
  createOrder: (body: OrderRequest, idempotencyKey: string) =>
    call<Order>("/orders", { method: "POST", body, idempotencyKey }),
  createAttempt: (order: string, body: AttemptRequest, idempotencyKey: string) =>
    call<Order>(`/orders/${id(order)}/attempts`, { method: "POST", body, idempotencyKey }),
  offers: (drop: string, quantity: number) =>
    call<Offers>(`/drops/${id(drop)}/offers?quantity=${quantity}`),
  claims: () => call<Page<Claim>>("/claims"),
  gift: (secret: string) => call<Gift>(`/gifts/${id(secret)}`),
  acceptGift: (secret: string) => call<Gift>(`/gifts/${id(secret)}`, { method: "POST", body: {} }),
  noteGift: (order: string, note: string) =>
    call<Order>(`/orders/${id(order)}/gift`, { method: "POST", body: { note } }),
  cancelGift: (order: string) => call<Order>(`/orders/${id(order)}/gift`, { method: "DELETE" }),
  share: (what: ShareWhat, key: string) =>
    call<Shared>("/share", { method: "POST", body: { what, id: key } }),
  notices: () => call<Notices>("/me/notices"),
  changeNotices: (body: { kinds?: Record<string, boolean>; quiet?: Notices["quiet"] }) =>
    call<Notices>("/me/notices", { method: "PATCH", body }),
  writeAccess: (allowed: boolean) =>
    call<Notices>("/me/notices/access", { method: "PUT", body: { allowed } }),
  walletNonce: () => call<Nonce>("/wallets/nonce", { method: "POST", body: {} }),
  linkWallet: (proof: WalletProof) => call<Wallet>("/wallets", { method: "POST", body: proof }),
  unlinkWallet: (wallet: string) => call<void>(`/wallets/${id(wallet)}`, { method: "DELETE" }),
};
