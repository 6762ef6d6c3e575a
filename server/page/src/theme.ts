/** What colours the page has: those of the system, or always light or dark. */
export type Theme = "system" | "light" | "dark";

const KEY = "iggyscope.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Told when the colours change; what draws on canvas listens. */
export const THEME_EVENT = "iggyscope-theme";

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
  dispatchEvent(new Event(THEME_EVENT));
}

/** The theme that the button leads to. */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
}

/** A colour of the style sheet, such as `--accent`, as it is now, for what draws on canvas. */
export function colorOf(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
