import { call, file } from "./http";
import type {
  Artist,
  AttemptRequest,
  Certificate,
  Claim,
  DataExport,
  Download,
  Drop,
  DropDetail,
  Erasure,
  Found,
  Genre,
  Gift,
  Item,
  ItemDetail,
  Leaders,
  Me,
  MyVerification,
  Nonce,
  Notices,
  Offers,
  Order,
  OrderRequest,
  Page,
  Played,
  PreferencesChange,
  Rates,
  ReceivedGift,
  Referral,
  Referrers,
  ReleaseDetail,
  Shared,
  ShareWhat,
  Shelves,
  SignedInPlace,
  Stream,
  TrackDetail,
  Transfer,
  VerificationRequest,
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
  home: () => call<Shelves>("/home"),
  /** `asked`: what stands behind the question mark, see state/search. */
  search: (asked: string, next: string | null, signal?: AbortSignal) =>
    call<Page<Found>>(`/search?${asked}&${cursorOf(next)}`, signal ? { signal } : {}),
  genres: () => call<{ results: Genre[] }>("/genres"),
  track: (track: string) => call<TrackDetail>(`/tracks/${id(track)}`),
  release: (release: string) => call<ReleaseDetail>(`/releases/${id(release)}`),
  drop: (drop: string) => call<DropDetail>(`/drops/${id(drop)}`),
  artist: (slug: string) => call<Artist>(`/artists/${id(slug)}`),
  me: () => call<Me>("/me"),
  prefer: (body: PreferencesChange) => call<Me>("/me", { method: "PATCH", body }),
  sessions: () => call<Page<SignedInPlace>>("/me/sessions?limit=100"),
  endSession: (session: string) => call<void>(`/me/sessions/${id(session)}`, { method: "DELETE" }),
  endOtherSessions: () => call<void>("/me/sessions", { method: "DELETE" }),
  exportData: () => call<DataExport>("/me/export", { method: "POST", body: {} }),
  erasure: () => call<Erasure>("/me/erasure"),
  erase: () => call<void>("/me/erasure", { method: "POST", body: { confirm: "erase" } }),
  referral: () => call<Referral>("/referrals/me"),
  referrers: () => call<Referrers>("/referrals/leaders"),
  rates: () => call<Rates>("/rates"),
  verification: () => call<MyVerification>("/me/verification"),
  saveVerification: (body: VerificationRequest) =>
    call<MyVerification>("/me/verification", { method: "PUT", body }),
  submitVerification: () =>
    call<MyVerification>("/me/verification/submission", { method: "POST", body: {} }),
  dropVerification: () => call<void>("/me/verification", { method: "DELETE" }),
  items: (next?: string | null) => call<Page<Item>>(`/items?${cursorOf(next)}`),
  item: (address: string) => call<ItemDetail>(`/items/${id(address)}`),
  certificate: (address: string) => call<Certificate>(`/items/${id(address)}/certificate`),
  /** Safe to repeat: the same wish is the same message while it is open. */
  transferItem: (address: string, to: string) =>
    call<Transfer>(`/items/${id(address)}/transfer`, { method: "POST", body: { to } }),
  transfer: (transfer: string) => call<Transfer>(`/transfers/${id(transfer)}`),
  transfers: (next?: string | null) => call<Page<Transfer>>(`/transfers?${cursorOf(next)}`),
  collectors: (of: { drop?: string; artist?: string }, limit: number, next?: string | null) => {
    const path = of.drop ? `/drops/${id(of.drop)}` : `/artists/${id(of.artist ?? "")}`;
    return call<Leaders>(`${path}/collectors?limit=${limit}&${cursorOf(next)}`);
  },
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
  gifts: (next?: string | null) => call<Page<ReceivedGift>>(`/gifts?${cursorOf(next)}`),
  receipt: (order: string, receipt: string) => file(`/orders/${id(order)}/receipts/${id(receipt)}`),
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
