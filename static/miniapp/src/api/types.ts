/** The API's JSON as the application speaks of it, in one place (interim until schema.d.ts). */
export interface Money {
  asset: string;
  /** Decimal string of minor units (nano for the native coin). */
  amount: string;
}
export interface Colours {
  deep: string;
  bright: string;
}
export interface ArtistRef {
  id: string;
  slug: string;
  name: string;
  verified: boolean;
}
export interface Release {
  id: string;
  title: string;
  artist: ArtistRef;
  cover: { url: string; width: number };
  colours: Colours;
  genre: string;
}
export interface Track {
  id: string;
  title: string;
  position: number;
  duration_ms: number;
  sample_url: string | null;
  waveform: number[] | null;
}
export interface Supply {
  minted: number;
  total: number | null;
  reserved: number;
  left: number | null;
}
export type DropState = "upcoming" | "live" | "paused" | "sold_out" | "ended";
export interface Drop {
  id: string;
  state: DropState;
  address: string;
  price: Money;
  starts_at: string;
  ends_at: string | null;
  supply: Supply;
  max_per_buy: number;
  platform_bps: number;
  royalty_bps: number;
  release: Release;
}
export interface DropDetail extends Drop {
  release: Release & { description: string; tracks: Track[] };
  server_time: string;
  cost: { quantity: number; attach: Money; network_reserve: Money };
}
export interface Artist extends ArtistRef {
  bio: string;
  picture_url: string | null;
  links: { label: string; url: string }[];
  drops: Drop[];
}
export interface TonTransaction {
  valid_until: number;
  network?: string;
  from?: string;
  messages: { address: string; amount: string; payload?: string; stateInit?: string }[];
}
export interface Attempt {
  id: string;
  method: string;
  state: string;
  valid_until: string | null;
  transaction: TonTransaction | null;
}
export type OrderState =
  | "awaiting_payment"
  | "paid"
  | "fulfilling"
  | "fulfilled"
  | "expired"
  | "cancelled"
  | "needs_attention";
export interface Order {
  id: string;
  state: OrderState;
  money_status: string;
  drop: string;
  quantity: number;
  unit_price: Money;
  total: Money;
  recipient: string | null;
  created_at: string;
  expires_at: string | null;
  attempts: Attempt[];
  items: { index: number; edition: number; address: string; owner: string | null }[];
  transaction_hash: string | null;
  reason: { code: string; text: string } | null;
  release: Release;
}
export interface Item {
  address: string;
  index: number;
  edition: number;
  of: number | null;
  name: string;
  owner: string | null;
  acquired_at: string | null;
  drop: string;
  release: Release;
  collection?: string;
  code_hash?: string;
  audio_cid?: string | null;
  audio_sha256?: string | null;
}
export interface Wallet {
  id: string;
  address: string;
  proved_at: string;
}
export interface User {
  id: string;
  first_name: string;
  last_name: string;
  username: string;
  photo_url: string;
  language: string;
}
export interface Me extends User {
  wallets: Wallet[];
  referral_code: string;
}
export interface Tokens {
  access: string;
  refresh: string;
  expires_in: number;
}
export interface Session extends Tokens {
  user: User;
  start_param: string | null;
}
export interface Nonce {
  payload: string;
  expires_at: string;
}
export interface Page<T> {
  results: T[];
  next: string | null;
}
export interface OrderRequest {
  drop: string;
  quantity: number;
  recipient?: string | null;
  method: "ton";
  wallet?: string;
}
export interface WalletProof {
  account: { address: string; chain: string; publicKey: string; walletStateInit: string };
  proof: unknown;
}
/** An entry of TON Connect's wallets list (wallets-v2.json). */
export interface WalletEntry {
  app_name: string;
  name: string;
  image?: string;
  about_url?: string;
  universal_url?: string;
  bridge?: { type: string; url?: string; key?: string }[];
}
/** What the page says about itself: GET /config, plus the page's own settings. */
export interface Config {
  network: string;
  coin: { label: string; decimals: number };
  ws_url: string;
  bot: { username: string; app: string };
  manifest_url: string;
  development: boolean;
  wallets: WalletEntry[];
  telegram_js?: string;
  ton_api?: string | null;
}
