// The pace of a person's taps. Two presses at one place within half a second are a double tap to
// the app, which drops the second (web/app/src/forms/taps.rs). A person who means two looks at what
// the first has done; a script must wait as long, wherever it presses, since the place is known only
// once the browser has scrolled. `dblclick` is a double tap and stays one.

import { setTimeout as pause } from "node:timers/promises";

const APART_MS = 600;

/** When the latest click on each page ended. */
const clicks = new WeakMap();

/** Makes every `click` of this library one that a person could have meant. */
export function atAPersonsPace(page) {
  const locators = Object.getPrototypeOf(page.locator("body"));
  if (locators.isPaced) return;
  const { click } = locators;
  locators.isPaced = true;
  locators.click = async function (...options) {
    const page = this.page();
    const rest = (clicks.get(page) ?? 0) + APART_MS - Date.now();
    if (rest > 0) await pause(rest);
    await click.apply(this, options);
    clicks.set(page, Date.now());
  };
}
