// A network that lies, in every way that we know: nothing is lost, nothing is doubled, and the
// words on the screen are honest meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";

import { calls, fates, pulls, pushes } from "../harness/network.js";
import { same, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { until } from "../harness/wait.js";

const here = scene();
const PATIENCE_MS = 3_000;

const LIES = {
  a_push_that_dies_half_way: [pushes, fates.dieHalfWay],
  an_answer_that_is_lost: [pushes, fates.loseAnswer],
  a_server_error: [pushes, fates.serverError],
  a_server_that_asks_to_wait: [pushes, fates.unavailable(1)],
  a_captive_portal: [calls, fates.captivePortal, 2],
  an_answer_that_lacks_an_operation: [pushes, fates.altered(withoutLast)],
  a_feed_that_dies_half_way: [pulls, fates.dieHalfWay],
  an_expired_login: [pushes, fates.unauthorized],
};

test("no_lie_loses_or_doubles_anything", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const typed = [];
    for (const [lie, [matches, fate, times]] of Object.entries(LIES)) {
      await phone.offline();
      for (const word of ["uno", "dos"]) typed.push(await newCustomer(phone, `${lie} ${word}`));
      const told = phone.network.treat(matches, fate, times ?? 1);
      await phone.online();
      await until(`${lie} to be told`, () => told.met > 0);
      await honestUntilSent(phone, lie);
    }
    await phone.hears("of all customers", (records) => records.size >= typed.length);
    await phone.settled();
    const customers = await seller.all("customers");
    assert.deepEqual(customers.map((one) => one.name).sort(), typed.sort());
    assert.ok(customers.every((one) => one.version === 1), "nothing took effect twice");
    await same("phone and server to be equal", () => phone.records(), () => seller.records());
  });
});

async function newCustomer(phone, name) {
  await phone.newCustomer({ Nombre: name });
  return name;
}

test("a_push_that_hangs_never_looks_healthy", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const hanging = phone.network.treat(pushes, fates.hang);
    await phone.newCustomer({ Nombre: "Cliente que espera" });
    await until("the push to hang", () => hanging.met > 0);
    await phone.says(/Sincronizando…|1 pendiente/);
    // A seller goes on working meanwhile.
    await phone.newCustomer({ Nombre: "Cliente que llega" });
    assert.equal((await phone.pending()).length, 2);
    assert.notEqual(await phone.word(), "Sincronizado");
    hanging.lift();
    await phone.kill();
    await phone.start("/clientes");
    await phone.settled(60_000);
    const customers = await seller.all("customers");
    assert.equal(customers.length, 2);
  });
});

test("a_portal_at_every_address_is_no_answer_and_no_login", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const portal = phone.network.treat(calls, fates.captivePortal);
    await phone.newCustomer({ Nombre: "Detrás del portal" });
    await until("the portal to answer", () => portal.met > 1);
    assert.equal((await phone.pending()).length, 1);
    assert.match(await phone.word(), /pendiente|Sin conexión|Sincronizando…|Error/);
    portal.lift();
    await phone.synchronise();
    await phone.settled();
    await seller.one("customers", (one) => one.name === "Detrás del portal");
  });
});

/**
 * The badge never says that all is well while something waits. A seller presses "Sincronizar" now and
 * then: by itself the phone tries again at its next beat, half a minute later.
 */
async function honestUntilSent(phone, lie) {
  let askedAt = performance.now();
  await until(`the queue to be sent after ${lie}`, async () => {
    const word = await phone.word();
    const pending = await phone.pending();
    // Read after the word: what is pending now was pending when the badge spoke.
    if (pending.length === 0) return true;
    assert.notEqual(word, "Sincronizado");
    if (performance.now() > askedAt + PATIENCE_MS) {
      askedAt = performance.now();
      await phone.synchronise();
    }
    return false;
  }, 60_000);
}

function withoutLast(answer) {
  const results = answer.data.results.slice(0, -1);
  return { ...answer, data: { ...answer.data, results } };
}
