import type { Words } from "../en";
import type { frame as english } from "../en/frame";

export const frame: Words<typeof english> = {
  "app.name": "Tonality",

  "nav.library": "Медиатека",
  "nav.profile": "Вы",
  "nav.main": "Разделы",

  "common.back": "Назад",
  "common.close": "Закрыть",
  "common.retry": "Ещё раз",
  "common.more": "Показать ещё",
  "common.copy": "Скопировать",
  "common.copied": "Скопировано",
  "common.done": "Готово",
  "common.loading": "Загрузка",
  "common.verified": "Подтверждённый артист",

  "home.live": "Уже вышло",
  "home.upcoming": "Скоро",
  "home.past": "Разобрано",
  "home.empty.title": "Первый дроп уже печатается",
  "home.empty.text": "Новая музыка появится здесь в ту минуту, когда выйдет. Загляните позже.",

  "error.title": "Не получилось",
  "error.offline": "Нет связи. Попробуем снова, когда она вернётся.",
  "error.offline.title": "Вы не в сети",
  "error.offline.bar": "Нет связи. То, что уже открыто, работает.",
  "error.server": "Сбой на нашей стороне. Попробуйте чуть позже.",
  "error.busy": "Слишком много запросов. Подождите минуту.",
  "error.signin": "Сеанс закончился. Откройте приложение снова.",
  "error.missing.title": "Здесь пусто",
  "error.missing": "Страница переехала или её не было.",
  "error.forbidden": "Это принадлежит другому человеку.",
  "error.limit": "Столько за одну покупку нельзя.",
  "error.not_live": "Этот дроп сейчас закрыт.",
  "error.wallet": "Подключите кошелёк ещё раз, чтобы мы знали, что он ваш.",
  "error.chain": "Сеть не отвечает, и цену нельзя подтвердить. Попробуйте через минуту.",
  "error.unknown": "Что-то пошло не так. Попробуйте ещё раз.",
  "error.home": "К дропам",

  "money.stars": { one: "звезда", few: "звезды", many: "звёзд", other: "звезды" },

  "time.days": { one: "день", few: "дня", many: "дней", other: "дня" },
  "time.hours": { one: "час", few: "часа", many: "часов", other: "часа" },
  "time.minutes": { one: "мин", few: "мин", many: "мин", other: "мин" },
  "time.seconds": { one: "сек", few: "сек", many: "сек", other: "сек" },
  "time.now": "в эту минуту",
  "time.after": "через {seconds} с",
};
