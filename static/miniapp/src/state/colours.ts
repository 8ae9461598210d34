import type { Colours } from "../api/types";

const HEX = /^#[0-9a-f]{6}$/i;

function channel(value: number): number {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance as WCAG 2 defines it. */
export function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255].map(channel);
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** White or ink, whichever reads better on `hex`. */
export function readableOn(hex: string): string {
  const light = luminance(hex);
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.0537 ? "#ffffff" : "#101014";
}

/** Custom properties that light an element by its release (set through the CSSOM: CSP-safe). */
export function lit(colours: Colours | null | undefined): Record<string, string> {
  if (!colours || !HEX.test(colours.deep) || !HEX.test(colours.bright)) return {};
  return {
    "--deep": colours.deep,
    "--bright": colours.bright,
    "--on-deep": readableOn(colours.deep),
    "--on-bright": readableOn(colours.bright),
  };
}
