import { account } from "./account";
import { buying } from "./buying";
import { discover } from "./discover";
import { frame } from "./frame";
import { gifts } from "./gifts";
import { growth } from "./growth";
import { holding } from "./holding";
import { kept } from "./kept";
import { library } from "./library";
import { music } from "./music";
import { orders } from "./orders";
import { player } from "./player";
import { profile } from "./profile";
import { sharing } from "./sharing";

/** Every word of the application, a file for each part of it. A plural entry lists the forms of Intl.PluralRules. */
export const en = {
  ...frame,
  ...discover,
  ...music,
  ...buying,
  ...orders,
  ...gifts,
  ...kept,
  ...library,
  ...holding,
  ...player,
  ...profile,
  ...sharing,
  ...account,
  ...growth,
};

export type Key = keyof typeof en;
type Widen<T> = T extends string
  ? string
  : { [Form in Intl.LDMLPluralRule]?: string } & { other: string };
/** What another language has to say for a part of these words. */
export type Words<Part> = { [K in keyof Part]: Widen<Part[K]> };
export type Dictionary = Words<typeof en>;
