export const kept = {
  "collection.title": "Collection",
  "collection.count": { one: "{count} edition", other: "{count} editions" },
  "collection.empty.title": "Your shelf is ready",
  "collection.empty.text":
    "Each edition you collect hangs here with its number, and stays yours whatever happens to us.",
  "collection.empty.action": "See what is out now",
  "collection.wallet.title": "Where do you keep your music?",
  "collection.wallet.text":
    "Connect a wallet once. Everything in it that came from Tonality shows up here.",
  "collection.guest.title": "A shelf of your own",
  "collection.guest.text": "Open Tonality in Telegram to see what you have collected.",

  "item.certificate": "Certificate",
  "item.owner": "Owner",
  "item.you": "You",
  "item.contract": "Edition contract",
  "item.collection": "Collection contract",
  "item.acquired": "Collected",
  "item.drop": "See the drop",
  "item.missing": "Not recorded yet",
  "item.listen": "Yours to hear",
  "item.download": "Download the master of {title}",
  "item.downloading": "Your download begins.",

  "kept.title": "Kept for you",
  "kept.until": "Minted after {date}",
  "kept.wallet": "Connect a wallet to receive it",
  "kept.making": "Being minted",
  "kept.frozen": "Waits for the end of a dispute",
  "kept.gift": "A gift",
} as const;
