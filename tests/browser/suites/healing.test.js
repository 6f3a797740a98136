// What a browser does to an app that is open for weeks: each heals by itself within a minute, and
// nothing typed is lost meanwhile.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fates, pushes } from "../harness/network.js";
import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { until } from "../harness/wait.js";

const here = scene();
const A_MINUTE_MS = 60_000;

// Side by side: most of their time is the app's own patience.
describe("an app that is open for weeks", { concurrency: true }, () => {
  test("locks_that_a_frozen_tab_holds_for_ever_keep_nobody", async () => {
    const { seller } = await business(here);
    await withPhones([seller], async (phone) => {
      const frozen = await phone.browser.tab("/robots.txt");
      await frozen.evaluate(() => {
        const hold = (name) => new Promise((held) => {
          const kept = navigator.locks.request(name, () => (held(), new Promise(() => {})));
          // It is told when its lock is stolen.
          kept.catch(() => {});
        });
        return Promise.all(["avileo-sync", "avileo-login"].map(hold));
      });
      // The first push needs a new login as well.
      const refused = phone.network.treat(pushes, fates.unauthorized, 1);
      await phone.newCustomer({ Nombre: "Rosa del candado" });
      await isSent(seller, "Rosa del candado", A_MINUTE_MS);
      assert.equal(refused.met, 1);
      await phone.settled();
    });
  });

  test("a_network_that_comes_back_without_a_word_is_found_when_the_app_is_shown", async () => {
    const { seller } = await business(here);
    await withPhones([seller], async (phone) => {
      await phone.page.evaluate(() => {
        globalThis.onLine = false;
        Object.defineProperty(Navigator.prototype, "onLine", { get: () => globalThis.onLine });
        dispatchEvent(new Event("offline"));
      });
      await phone.says("Sin conexión");
      await phone.newCustomer({ Nombre: "Rosa sin aviso" });
      await phone.says("Sin conexión");
      await phone.page.evaluate(() => {
        globalThis.onLine = true;
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await isSent(seller, "Rosa sin aviso", 15_000);
      await phone.settled();
    });
  });

  test("a_sale_is_saved_at_once_over_a_database_connection_that_has_died", async () => {
    const { seller } = await business(here);
    await withPhones([seller], async (phone) => {
      await phone.page.evaluate(killOpenConnections);
      await phone.newCustomer({ Nombre: "Rosa de iOS" });
      assert.doesNotMatch(await phone.page.locator("body").innerText(), /no pudo guardar/);
      await isSent(seller, "Rosa de iOS", 15_000);
      await phone.settled();
    });
  });
});

async function isSent(seller, name, within) {
  await until(`${name} to be on the server`, async () => {
    const customers = await seller.all("customers");
    return customers.some((one) => one.name === name);
  }, within);
}

// In the page. Connections that are open now fail for ever, as on iOS after a spell in the
// background; those that are opened from now on work.
function killOpenConnections() {
  const fresh = new WeakSet();
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given) {
    const request = open.apply(this, given);
    request.addEventListener("success", () => fresh.add(request.result));
    return request;
  };
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given) {
    if (fresh.has(this)) return begin.apply(this, given);
    throw new DOMException("Connection to Indexed Database server lost", "UnknownError");
  };
}
