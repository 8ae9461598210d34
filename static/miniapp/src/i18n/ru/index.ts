import type { Dictionary } from "../en";
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

export const ru: Dictionary = {
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
