export const frame = {
  "app.name": "Tonality",

  "nav.library": "Library",
  "nav.profile": "You",
  "nav.main": "Main",

  "common.back": "Back",
  "common.close": "Close",
  "common.retry": "Try again",
  "common.more": "Show more",
  "common.copy": "Copy",
  "common.copied": "Copied",
  "common.done": "Done",
  "common.loading": "Loading",
  "common.verified": "Verified artist",

  "home.live": "Out now",
  "home.upcoming": "Coming up",
  "home.past": "Gone",
  "home.empty.title": "The first drop is being pressed",
  "home.empty.text": "New music will hang here the moment it is out. Come back soon.",

  "error.title": "That did not work",
  "error.offline": "No connection. We will try again when it is back.",
  "error.offline.title": "You are offline",
  "error.offline.bar": "Offline. What you have already opened still works.",
  "error.server": "Our side stumbled. Try again in a moment.",
  "error.busy": "Too many requests. Give it a minute.",
  "error.signin": "Your session has ended. Open the app again.",
  "error.missing.title": "Nothing here",
  "error.missing": "This page was moved or never existed.",
  "error.forbidden": "This belongs to someone else.",
  "error.limit": "That is more than one purchase may take.",
  "error.not_live": "This drop is not open now.",
  "error.wallet": "Connect your wallet again, so that we know it is yours.",
  "error.chain":
    "The network is not answering, so the price cannot be confirmed. Try again in a moment.",
  "error.unknown": "Something went wrong. Try again.",
  "error.home": "To the drops",

  "money.stars": { one: "Star", other: "Stars" },

  "time.days": { one: "day", other: "days" },
  "time.hours": { one: "hour", other: "hours" },
  "time.minutes": { one: "min", other: "min" },
  "time.seconds": { one: "sec", other: "sec" },
  "time.after": "after {seconds} s",
} as const;
