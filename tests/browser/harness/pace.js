// The pace of a person's taps. Two presses at one place within half a second are a double tap to
// the app, which drops the second (web/app/src/forms/taps.rs). A person who means two looks at what
// the first has done; a script must wait as long. `dblclick` is a double tap and stays one.

import { setTimeout as pause } from "node:timers/promises";

const APART_MS = 600;
const NEAR_PIXELS = 26;

/** The latest tap of each page: when it ended, and where. */
const taps = new WeakMap();

/** Makes every `click` of this library one that a person could have meant. */
export function atAPersonsPace(page) {
  const locators = Object.getPrototypeOf(page.locator("body"));
  if (locators.isPaced) return;
  const { click } = locators;
  locators.isPaced = true;
  locators.click = async function (...options) {
    const page = this.page();
    await this.scrollIntoViewIfNeeded();
    const place = middle(await this.boundingBox());
    const before = taps.get(page);
    const rest = before ? before.at + APART_MS - Date.now() : 0;
    if (rest > 0 && isNear(before.place, place)) await pause(rest);
    await click.apply(this, options);
    taps.set(page, { at: Date.now(), place });
  };
}

function middle(box) {
  return box && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** What has no place may be anywhere. */
function isNear(one, other) {
  if (!one || !other) return true;
  return Math.abs(one.x - other.x) <= NEAR_PIXELS && Math.abs(one.y - other.y) <= NEAR_PIXELS;
}
