const ORIGIN = "/ipfs/";
const WIDTHS = [160, 320, 640, 1000];
const TYPES = ["avif", "webp", "jpeg"];

/** The forms in which our origin has a cover, the smallest files first; none of other pictures. */
export function coverSources(url: string): { type: string; srcset: string }[] {
  if (!url.startsWith(ORIGIN)) return [];
  const cid = url.slice(ORIGIN.length);
  return TYPES.map((kind) => ({
    type: `image/${kind}`,
    srcset: WIDTHS.map((width) => `/covers/${cid}/${width}.${kind} ${width}w`).join(", "),
  }));
}
