import type { components } from "./schema";

/**
 * The API's JSON under the application's own names. schema.d.ts is made from openapi.yaml by
 * `npm run types`: a change of the API that this client does not know breaks its build.
 */
type Schemas = components["schemas"];

export type Money = Schemas["Money"];
export type Colours = Schemas["Colours"];
export type Release = Schemas["ReleaseCard"];
export type Track = Schemas["Track"];
export type Stream = Schemas["Stream"];
export type Download = Schemas["Download"];
export type Played = Schemas["Play"];
export type Supply = Schemas["Supply"];
export type Drop = Schemas["Drop"];
export type DropDetail = Schemas["DropDetail"];
export type TonTransaction = Schemas["Transaction"];
export type Order = Schemas["Order"];
export type OrderRequest = Schemas["OrderInputRequest"];
export type Attempt = Schemas["Attempt"];
export type AttemptRequest = Schemas["AttemptInputRequest"];
export type Offer = Schemas["Offer"];
export type Offers = Schemas["Offers"];
export type Claim = Schemas["ClaimRow"];
export type Gift = Schemas["Gift"];
/** The certificate's further facts, where the API tells them. */
export type Item = Schemas["Item"];
export type ItemDetail = Schemas["ItemDetail"];
export type Certificate = Schemas["Certificate"];
export type ProvedFile = Schemas["ProvedFile"];
export type Leaders = Schemas["Collectors"];
export type Leader = Schemas["Collector"];
export type Transfer = Schemas["Transfer"];
export type ReceivedGift = Schemas["ReceivedGift"];
export type Wallet = Schemas["Wallet"];
export type WalletProof = Schemas["WalletInputRequest"];
export type Nonce = Schemas["Nonce"];
export type User = Schemas["User"];
export type Me = Schemas["Me"];
export type Preferences = Schemas["Preferences"];
export type PreferencesChange = Schemas["PatchedPreferencesRequest"];
export type SignedInPlace = Schemas["Session"];
export type DataExport = Schemas["Export"];
export type Erasure = Schemas["Erasure"];
export type Obstacle = Schemas["Obstacle"];
export type Referral = Schemas["Referral"];
export type RewardBalance = Schemas["RewardBalance"];
export type Brought = Schemas["Brought"];
export type Referrers = Schemas["Referrers"];
export type Rates = Schemas["Rates"];
export type MyVerification = Schemas["MyVerification"];
export type Verification = Schemas["Verification"];
export type VerificationRequest = Schemas["VerificationInputRequest"];
export type Tokens = Schemas["Pair"];
export type Session = Schemas["SignedIn"];
export type Notices = Schemas["Notices"];
export type Shared = Schemas["Share"];
export type ShareWhat = Schemas["ShareInputRequest"]["what"];
export type Artist = Schemas["ArtistDetail"];
export type Marks = Schemas["Marks"];
export type Liked = Schemas["Liked"];
export type LikedTrack = Schemas["LikedTrack"];
export type Followed = Schemas["Followed"];
export type FollowedArtist = Schemas["FollowedArtist"];
export type OwnPlaylist = Schemas["OwnPlaylist"];
export type Playlist = Schemas["PlaylistDetail"];
export type PlaylistInput = Schemas["PlaylistInputRequest"];
export type PlaylistChange = Schemas["PatchedPlaylistChangeInputRequest"];
export type Visibility = Playlist["visibility"];
export type PlaylistEntry = Schemas["Entry"];
/** A track with its release, as lists of a person's own music have it. */
export type PlacedTrack = Pick<PlaylistEntry, "track" | "release" | "available">;
export type Added = Schemas["Added"];
export type Changed = Schemas["Changed"];
export type Member = Schemas["Member"];
export type PlaylistRole = Schemas["GivenRoleEnum"];
export type Invitation = Schemas["Invitation"];
export type Invited = Schemas["Invited"];
export type Edit = Schemas["Edit"];
export type Shelves = Schemas["Home"];
export type TrackCard = Schemas["TrackCard"];
export type TrackDetail = Schemas["TrackDetail"];
export type ReleaseFound = Schemas["ReleaseFound"];
export type ReleaseDetail = Schemas["ReleaseDetail"];
/** How a release is sold, in short. */
export type DropBrief = Schemas["DropBrief"];
export type Found = Schemas["Found"];
export type Genre = Schemas["Genre"];

export interface Page<T> {
  results: T[];
  next: string | null;
}

/** An entry of TON Connect's wallets list (wallets-v2.json). */
export interface WalletEntry {
  app_name: string;
  name: string;
  universal_url?: string;
  bridge?: { type: string; url?: string; key?: string }[];
}

/** GET /config, and what the page itself adds. */
export interface Config extends Omit<Schemas["Config"], "wallets"> {
  wallets: WalletEntry[];
  telegram_js?: string;
  ton_api?: string | null;
}
