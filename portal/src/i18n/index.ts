/** The portal's texts. A language is one chunk, fetched when it is chosen. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { en } from "./en.ts";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const key = "symphony.language";
const fetchTexts: Record<Language, () => Promise<Record<string, object>>> = {
  en: async () => (await import("./en.ts")).en,
  de: async () => (await import("./de.ts")).de,
};

export const isLanguage = (value: unknown): value is Language => typeof value === "string" && value in languages;

/** The person's choice in this browser, else the first language of the browser that we speak. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(key);
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";
}

/** Fetches a language and shows it. */
export async function setLanguage(language: Language): Promise<void> {
  const texts = await fetchTexts[language]();
  for (const [namespace, part] of Object.entries(texts)) i18next.addResourceBundle(language, namespace, part);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Like `setLanguage`, and kept for next time. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(key, language);
  await setLanguage(language);
}

/** Before the first render. */
export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: undefined,
    fallbackLng: false,
    defaultNS: "shell",
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    resources: {},
  });
  await setLanguage(preferredLanguage());
}

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    resources: typeof en;
  }
}
