import type { Words } from "../en";
import type { player as english } from "../en/player";

export const player: Words<typeof english> = {
  "queue.title": "Далее",
  "queue.show": "Показать, что дальше",
  "queue.hide": "Вернуться к обложке",
  "queue.empty": "После этого трека ничего нет. Добавьте что-нибудь из любого трека.",
  "queue.count": {
    one: "{count} трек",
    few: "{count} трека",
    many: "{count} треков",
    other: "{count} трека",
  },
  "queue.clear": "Очистить",
  "queue.cleared": "Очередь очищена",
  "queue.undo": "Вернуть",
  "queue.remove": "Убрать {title}",
  "queue.removed": "Убрали: {title}",
  "queue.move": "Переместить {title}: стрелками или перетаскиванием",
  "queue.moved": "{title}: место {place} из {total}",
  "queue.play": "Включить {title} сейчас",
  "queue.shuffle": "Вперемешку",
  "queue.repeat.off": "Повтор выключен",
  "queue.repeat.all": "Повторять всё",
  "queue.repeat.one": "Повторять этот трек",
  "queue.again": "Потом с начала",

  "play.muted": "Звук выключен. Нажмите M, чтобы включить",
  "play.drop": "К дропу",
  "play.yours": "Ваш экземпляр",
  "play.resume": "Остановлено на {time}",
  "play.up": "Далее: {title}",

  "prompt.title": "Понравилось? {title}",
  "prompt.text": "Это был фрагмент. Заберите релиз, чтобы слушать целиком.",
  "prompt.later": "Не сейчас",
};
