import type { Words } from "../en";
import type { kept as english } from "../en/kept";

export const kept: Words<typeof english> = {
  "collection.title": "Коллекция",
  "collection.count": {
    one: "{count} экземпляр",
    few: "{count} экземпляра",
    many: "{count} экземпляров",
    other: "{count} экземпляра",
  },
  "collection.empty.title": "Полка готова",
  "collection.empty.text":
    "Каждый собранный экземпляр займёт здесь место со своим номером и останется вашим, что бы ни случилось с нами.",
  "collection.empty.action": "Посмотреть, что вышло",
  "collection.wallet.title": "Где хранится ваша музыка?",
  "collection.wallet.text":
    "Подключите кошелёк один раз. Всё, что в нём есть от Tonality, появится здесь.",
  "collection.guest.title": "Ваша собственная полка",
  "collection.guest.text": "Откройте Tonality в Telegram, чтобы увидеть свою коллекцию.",

  "item.certificate": "Сертификат",
  "item.owner": "Владелец",
  "item.you": "Вы",
  "item.contract": "Контракт экземпляра",
  "item.collection": "Контракт коллекции",
  "item.acquired": "В коллекции с",
  "item.drop": "К дропу",
  "item.missing": "Пока не записано",
  "item.listen": "Ваша музыка",
  "item.download": "Скачать мастер «{title}»",
  "item.downloading": "Загрузка начинается.",

  "kept.title": "Храним для вас",
  "kept.until": "Выпустим после {date}",
  "kept.wallet": "Подключите кошелёк, чтобы получить",
  "kept.making": "Выпускаем",
  "kept.frozen": "Ждёт конца спора",
  "kept.gift": "Подарок",
};
