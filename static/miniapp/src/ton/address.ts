/** TON addresses: raw "0:<64 hex>" and the user-friendly form with its checksum (TEP-2). */

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
    }
  }
  return crc;
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function bytesOf(text: string): Uint8Array | null {
  try {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The raw form of any form, null when it is no address. Only the basechain is taken. */
export function raw(text: string): string | null {
  const value = text.trim();
  if (/^0:[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  if (!/^[A-Za-z0-9+/_-]{48}$/.test(value)) return null;
  const bytes = bytesOf(value);
  if (bytes?.length !== 36) return null;
  const known = [0x11, 0x51].includes((bytes[0] ?? 0) & 0x7f);
  const sum = ((bytes[34] ?? 0) << 8) | (bytes[35] ?? 0);
  if (!known || bytes[1] !== 0 || crc16(bytes.subarray(0, 34)) !== sum) return null;
  return `0:${hex(bytes.subarray(2, 34))}`;
}

/** The user-friendly form of a raw address, for display. Wallets are shown as non-bounceable. */
export function friendly(address: string, testnet: boolean, bounceable = false): string {
  const [, digits = ""] = address.split(":");
  const bytes = new Uint8Array(36);
  bytes[0] = (bounceable ? 0x11 : 0x51) | (testnet ? 0x80 : 0);
  for (let at = 0; at < 32; at += 1) {
    bytes[at + 2] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  }
  const sum = crc16(bytes.subarray(0, 34));
  bytes[34] = sum >> 8;
  bytes[35] = sum & 255;
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

export function same(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && raw(one) !== null && raw(one) === raw(other);
}

export const short = (address: string) => `${address.slice(0, 6)}…${address.slice(-6)}`;
