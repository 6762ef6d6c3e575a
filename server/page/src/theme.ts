/** What colours the page has: those of the system, or always light or dark. */
export type Theme = "system" | "light" | "dark";

const KEY = "iggyscope.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The theme chosen last time. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

/** Colours the page, and remembers it. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  localStorage.setItem(KEY, theme);
  globalThis.dispatchEvent(new Event("themechange"));
}

/** The theme that the button leads to. */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
}

/** The value of a colour of the style sheet, such as `--accent`, for what draws on canvas. */
export function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
