/** The part of window.Telegram.WebApp that we use. Newer calls are guarded by version. */
export interface BottomButton {
  setParams(parameters: {
    text?: string;
    color?: string;
    text_color?: string;
    is_active?: boolean;
    is_visible?: boolean;
  }): void;
  showProgress(leaveActive?: boolean): void;
  hideProgress(): void;
  onClick(handler: () => void): void;
  offClick(handler: () => void): void;
}

export type InvoiceStatus = "paid" | "cancelled" | "failed" | "pending";

export interface StoryLink {
  url: string;
  name?: string;
}

export interface WebApp {
  initData: string;
  version: string;
  platform: string;
  colorScheme: "light" | "dark";
  themeParams: Record<string, string>;
  MainButton: BottomButton;
  BackButton: {
    show(): void;
    hide(): void;
    onClick(handler: () => void): void;
    offClick(handler: () => void): void;
  };
  HapticFeedback: {
    impactOccurred(style: "light" | "medium" | "heavy" | "rigid" | "soft"): void;
    notificationOccurred(type: "error" | "success" | "warning"): void;
    selectionChanged(): void;
  };
  ready(): void;
  expand(): void;
  isVersionAtLeast(version: string): boolean;
  setHeaderColor(color: string): void;
  setBottomBarColor(color: string): void;
  enableClosingConfirmation(): void;
  disableClosingConfirmation(): void;
  disableVerticalSwipes(): void;
  openLink(url: string): void;
  openTelegramLink(url: string): void;
  /** 8.0 and later: a message that the server has prepared, to a chat that the person picks. */
  shareMessage?(message: string, closed: (sent: boolean) => void): void;
  /** 7.8 and later. */
  shareToStory?(media: string, parameters?: { text?: string; widget_link?: StoryLink }): void;
  /** 6.9 and later. */
  requestWriteAccess?(answered: (allowed: boolean) => void): void;
  /** 6.1 and later. What it answers is a hint for the screen, never a proof of payment. */
  openInvoice(url: string, closed: (status: InvoiceStatus) => void): void;
  /** 8.0 and later. */
  downloadFile?(parameters: { url: string; file_name: string }): void;
  onEvent(name: string, handler: () => void): void;
  offEvent(name: string, handler: () => void): void;
}

declare global {
  interface Window {
    Telegram?: { WebApp: WebApp };
  }
}
