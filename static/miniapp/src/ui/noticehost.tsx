import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { offer } from "../state/notices";

type OfferModule = typeof import("./noticeoffer");

/** The question's code comes when it is first to be asked. */
export function NoticeOfferHost(): JSX.Element | null {
  const [module, setModule] = useState<OfferModule | null>(null);
  const asked = offer.value;
  useEffect(() => {
    if (asked && !module) void import("./noticeoffer").then(setModule, () => undefined);
  }, [asked, module]);
  if (!asked || !module) return null;
  return <module.NoticeOffer offer={asked} close={() => (offer.value = null)} />;
}
