// A phone that an earlier version of the app has left with a queue full of work: the present app
// opens on its database, an update is taken by consent meanwhile, and everything arrives once.
//
// The fixtures are what builds of earlier commits have written; `record.js` says how one is made.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { Browser } from "../harness/browser.js";
import { FIXTURES, business, names, put, read, rowsOf } from "../harness/earlier.js";
import { Network, calls, fates } from "../harness/network.js";
import { scene } from "../harness/scene.js";
import { Screens } from "../harness/screens.js";
import { until } from "../harness/wait.js";

const here = scene();
const OPERATIONS_MIN = 30;

for (const file of readdirSync(FIXTURES)) {
  const commit = file.replace(".json", "");
  test(`a_queue_full_of_operations_written_by_${commit}_survives_an_update_and_arrives_once`, async () => {
    const { seller } = await business(here.stack.url);
    const kept = read(file, await names(seller));
    const left = rowsOf(kept, "operations").map(({ value }) => value).sort((one, two) => one.sequence - two.sequence);
    assert.ok(left.length >= OPERATIONS_MIN);
    await known(seller, left);
    const network = await Network.to(here.stack.url);
    // No app runs on this page yet.
    const browser = await Browser.open(network, { path: "/robots.txt" });
    try {
      await put(browser.page, kept);
      const away = network.treat(calls, fates.unavailable(1));
      await updated(browser, network);
      const queued = await browser.operations();
      assert.deepEqual(queued.map(({ id }) => id), left.map(({ id }) => id));
      for (const [at, one] of queued.entries()) {
        assert.deepEqual([one.data, one.timestamp, one.status], [left[at].data, left[at].timestamp, left[at].status]);
      }
      await browser.picture("cola-de-antes");
      away.lift();
      await arrived(browser, seller, left);
      assert.deepEqual(browser.complaints, []);
    } finally {
      await browser.close();
      await network.close();
    }
  });
}

/** What the server had before the phone lost it: all that was answered, and one that was not. */
async function known(seller, left) {
  const answered = left.filter((one) => one.status === "processed");
  const unanswered = left.find((one) => one.status === "pending" && one.sentAt);
  assert.ok(answered.length && unanswered, "the fixture has both");
  await seller.push([...answered, unanswered].map((one) => ({
    operationId: one.id, entity: one.entity, action: one.operation, entityId: one.entityId, payload: one.data,
    clientTimestamp: one.timestamp, baseVersion: one.baseVersion, deviceId: one.deviceId,
  })));
}

/** Opens the app as an older service worker keeps it, and takes the newer one. */
async function updated(browser, network) {
  const worker = await (await fetch(`${network.origin}/service-worker.js`)).text();
  const older = worker.replace(/const VERSION = "([^"]+)"/, 'const VERSION = "$1-older"');
  assert.notEqual(older, worker);
  const isWorker = ({ path }) => path === "/service-worker.js";
  const before = network.treat(isWorker, fates.body(older, "text/javascript"));
  await browser.page.goto("/");
  await browser.isKept();
  before.lift();
  await browser.page.evaluate(() => navigator.serviceWorker.ready.then((ready) => ready.update()));
  await browser.page.getByText("Nueva versión").first().waitFor();
  await browser.page.getByRole("button", { name: /Actualizar/ }).click();
  await until("the newer version to have taken over", async () => {
    const caches = await browser.page.evaluate(() => caches.keys());
    return caches.length === 1 && !caches[0].endsWith("-older");
  });
}

/** What was refused is sent again by hand; then all of it is on the server, once, as it was typed. */
async function arrived(browser, seller, left) {
  const screens = new Screens(browser.page);
  await until("only the refused one to be left", async () => {
    await screens.synchronise();
    const open = (await browser.operations()).filter((one) => one.status !== "processed");
    return open.length === 1 && open[0].status === "failed";
  }, 60_000);
  await screens.open("/sincronizacion");
  await browser.page.getByRole("button", { name: "Reintentar" }).click();
  await screens.says("Sincronizado", 60_000);
  const made = left.filter((one) => one.operation === "insert");
  // What is acknowledged is in the feed, and in what the server shows, a moment later.
  const live = await until("all of it to be published", async () => {
    const records = await seller.records();
    return records.size >= 4 + made.length && records;
  });
  for (const one of made) {
    const record = live.get(`${one.entity}#${one.entityId}`);
    assert.ok(record, `${one.entity} ${one.entityId} is lost`);
    const { items, ...plain } = one.data;
    for (const [field, value] of Object.entries(plain)) assert.deepEqual(record[field], value, field);
    assert.equal(record.items?.length, items?.length);
  }
  for (const { entityId, data } of left.filter((one) => one.operation === "update")) {
    const record = [...live].find(([key]) => key.endsWith(`#${entityId}`))[1];
    for (const [field, value] of Object.entries(data)) assert.deepEqual(record[field], value, field);
  }
  // The four records that the phone had seen, and one for each insert: nothing is doubled.
  assert.equal(live.size, 4 + made.length);
}
