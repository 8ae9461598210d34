import type { Words } from "../en";
import type { profile as english } from "../en/profile";

export const profile: Words<typeof english> = {
  "profile.title": "Вы",
  "profile.guest": "Гость",
  "profile.guest.text": "Слушать можно всё. Чтобы собирать, откройте Tonality в Telegram.",
  "profile.open": "Открыть в Telegram",
  "profile.dev": "Вход для разработки",
  "profile.dev.fan": "Войти как слушатель",
  "profile.wallets": "Кошельки",
  "profile.wallets.none": "Кошелька пока нет. Он нужен только для покупки.",
  "profile.connect": "Подключить кошелёк",
  "profile.unlink": "Отвязать",
  "profile.unlink.ask":
    "Отвязать этот кошелёк? Экземпляры останутся в нём, но исчезнут из вашей коллекции здесь.",
  "profile.unlinked": "Кошелёк отвязан",
  "profile.proved": "Привязан {date}",
  "profile.orders": "История",
  "profile.language": "Язык",
  "profile.signout": "Выйти",
  "profile.theme": "Тема",
};
