// A phone in somebody's hand: the browser, its screens, and the person who has signed in.

import { Browser } from "./browser.js";
import { Network } from "./network.js";
import { Screens } from "./screens.js";
import { until } from "./wait.js";

/** A seller who sees nothing new asks again. */
const ASKED_AGAIN_MS = 2_000;

export class Phone extends Screens {
  /** A new phone on a road of its own, with `person` signed in and all records there. */
  static async of(person, options = {}) {
    const network = await Network.to(person.url);
    const browser = await Browser.open(network, options);
    const phone = new Phone(browser.page);
    Object.assign(phone, { browser, network, person });
    try {
      await phone.login(person.email, person.password);
      await phone.says("Sincronizado");
    } catch (problem) {
      await phone.picture("failed-to-sign-in");
      await phone.putAway();
      throw problem;
    }
    return phone;
  }

  async offline() {
    await this.browser.offline(true);
    await this.says("Sin conexión");
  }

  async online() {
    await this.browser.offline(false);
  }

  operations() {
    return this.browser.operations();
  }

  records() {
    return this.browser.records();
  }

  /** Operations that have not been answered for good. */
  async pending() {
    return (await this.operations()).filter((one) => one.status === "pending");
  }

  /** Waits until the server has everything, and this phone everything of the server. */
  async settled(within = 45_000) {
    await this.says("Sincronizado", within);
    assertNone(await this.pending());
  }

  /**
   * Asks for the feed, as a seller does with "Sincronizar", until the records are as they should
   * be. The edge keeps the feed's end for a second, so the first answer may be too old.
   */
  async hears(what, fits) {
    await until(what, async () => {
      await this.synchronise();
      return until(what, async () => fits(await this.records()), ASKED_AGAIN_MS);
    }, 45_000);
  }

  picture(name) {
    return this.browser.picture(name, this.page);
  }

  async kill() {
    await this.browser.kill();
  }

  async start(path = "/") {
    await this.browser.start(path);
    this.page = this.browser.page;
  }

  async putAway() {
    await this.browser.close();
    await this.network.close();
  }
}

/** Runs `work` with a phone for each person, and puts them away whatever happens. */
export async function withPhones(people, work, options) {
  const phones = [];
  try {
    for (const person of people) phones.push(await Phone.of(person, options));
    await work(...phones);
    for (const phone of phones) {
      const { complaints } = phone.browser;
      if (complaints.length) throw new Error(`the console of a phone said: ${complaints.join("\n")}`);
    }
  } catch (problem) {
    for (const [at, phone] of phones.entries()) {
      await phone.picture(`failed-${at}`).catch(() => {});
    }
    throw problem;
  } finally {
    for (const phone of phones) await phone.putAway();
  }
}

/** Waits until two sets of records hold the same. */
export async function same(what, one, other) {
  await until(what, async () => {
    const [a, b] = [content(await one()), content(await other())];
    if (a !== b) throw new Error(difference(a, b));
    return true;
  }, 45_000);
}

/** Content as it is compared: what the phone adds for its own is left out. */
function content(records) {
  const rows = [...records].map(([key, record]) => {
    const { syncStatus, syncAttempts, ...rest } = record;
    return `${key} ${JSON.stringify(sorted(rest))}`;
  });
  return rows.sort().join("\n");
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function difference(a, b) {
  const [one, other] = [new Set(a.split("\n")), new Set(b.split("\n"))];
  const only = (mine, theirs) => [...mine].filter((line) => !theirs.has(line)).slice(0, 3).join("\n  ");
  return `only in the first:\n  ${only(one, other)}\nonly in the second:\n  ${only(other, one)}`;
}

function assertNone(operations) {
  if (operations.length) throw new Error(`still pending: ${JSON.stringify(operations)}`);
}
