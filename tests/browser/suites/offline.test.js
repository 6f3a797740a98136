// Without a network from the first moment: the data of the last visit is there, at any address,
// and a new version of the app waits for consent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fates } from "../harness/network.js";
import { same, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

/** A phone that knows one customer, and his id. */
async function withCustomer(work) {
  const { admin, seller } = await business(here);
  await admin.push([operation("customers", "insert", "la-bodega", { name: "Bodega Ñusta" })]);
  await admin.one("customers", () => true);
  await withPhones([seller], async (phone) => {
    await phone.browser.isKept();
    await work(phone, { admin, seller });
  });
}

test("a_customer_opens_from_cold_in_airplane_mode", async () => {
  await withCustomer(async (phone) => {
    await phone.kill();
    await phone.start("/clientes/la-bodega");
    await phone.browser.offline(true);
    await phone.page.reload();
    await phone.page.getByText("Bodega Ñusta").first().waitFor();
    await phone.says("Sin conexión");
    await phone.page.goto("/clientes");
    await phone.page.getByRole("link", { name: /Bodega Ñusta/ }).waitFor();
    await phone.picture("clientes-sin-conexion");
  });
});

test("a_customer_opens_from_cold_while_the_server_is_gone", async () => {
  await withCustomer(async (phone, { seller }) => {
    await phone.kill();
    await phone.network.down();
    await phone.start("/clientes/la-bodega");
    assert.equal(await phone.page.evaluate(() => navigator.onLine), true);
    await phone.page.getByText("Bodega Ñusta").first().waitFor();
    await phone.newCustomer({ Nombre: "Apuntado sin servidor" });
    await phone.says("Sin conexión", 30_000);
    await phone.network.up();
    await phone.synchronise();
    await phone.settled();
    await seller.one("customers", (one) => one.name === "Apuntado sin servidor");
  });
});

test("a_new_version_waits_for_consent_and_keeps_the_queue", async () => {
  await withCustomer(async (phone, { seller }) => {
    await phone.offline();
    for (let count = 1; count <= 12; count += 1) {
      await phone.newCustomer({ Nombre: `Pendiente ${count}` });
    }
    const queued = (await phone.operations()).map((one) => one.id);
    // The server has another version; its push does not get through yet.
    const worker = await (await fetch(`${phone.network.origin}/service-worker.js`)).text();
    const newer = worker.replace(/const VERSION = "([^"]+)"/, 'const VERSION = "$1-newer"');
    assert.notEqual(newer, worker);
    const isWorker = ({ path }) => path === "/service-worker.js";
    phone.network.treat(isWorker, fates.body(newer, "text/javascript"));
    const stuck = phone.network.treat(({ method }) => method === "POST", fates.serverError);
    await phone.online();
    await phone.page.evaluate(() => navigator.serviceWorker.ready.then((ready) => ready.update()));
    const offer = phone.page.getByText("Nueva versión").first();
    await offer.waitFor();
    await phone.picture("nueva-version");
    const names = () => phone.page.evaluate(() => caches.keys());
    assert.equal((await names()).length, 2, "the old version is kept until then");
    await phone.page.getByRole("button", { name: /Actualizar/ }).click();
    await until("the new version to have taken over", async () => {
      const kept = await names();
      return kept.length === 1 && kept[0].endsWith("-newer");
    });
    await until("the app", () => phone.word());
    assert.deepEqual((await phone.operations()).map((one) => one.id), queued);
    stuck.lift();
    await phone.synchronise();
    await phone.settled();
    // Both batches are answered; the feed follows.
    await until("all customers in the feed", async () => (await seller.all("customers")).length === 13);
    await same("phone and server", () => phone.records(), () => seller.records());
  });
});

test("what_is_typed_survives_a_reload", async () => {
  await withCustomer(async (phone) => {
    await phone.open("/clientes/nuevo");
    await phone.page.getByLabel("Nombre", { exact: true }).fill("A medio escribir");
    await phone.page.reload();
    await phone.heading("Nuevo cliente").waitFor();
    const name = phone.page.getByLabel("Nombre", { exact: true });
    await until("the draft", async () => (await name.inputValue()) === "A medio escribir");
  });
});

test("another_address_of_the_form_that_is_open_is_another_form", async () => {
  await withCustomer(async (phone) => {
    await phone.open("/ventas/nueva");
    await phone.page.getByRole("button", { name: "Cliente genérico" }).waitFor();
    await phone.open("/ventas/nueva?cliente=la-bodega");
    await phone.page.getByRole("button", { name: "Bodega Ñusta" }).waitFor();
  });
});

test("a_correction_brought_back_keeps_what_was_typed_and_shows_the_present_in_the_rest", async () => {
  const { seller, admin } = await business(here);
  const customer = "la-que-cambia";
  await seller.push([operation("customers", "insert", customer, { name: "Rosa", phone: "911111111", notes: "Lunes" })]);
  await withPhones([seller], async (phone) => {
    const field = (label) => phone.page.getByLabel(label, { exact: true });
    const shows = (label, value, within) => until(`${label} to be ${value}`, async () => {
      const shown = await field(label).inputValue();
      if (shown !== value) throw new Error(shown);
      return true;
    }, within);
    const elsewhere = async (fields, baseVersion) =>
      admin.push([operation("customers", "update", customer, fields, { baseVersion, deviceId: "otro" })]);
    await phone.open(`/clientes/${customer}/editar`);
    await phone.heading("Editar cliente").waitFor();
    await field("Nombre").fill("Rosa Quispe");
    // While the form is away.
    await elsewhere({ phone: "922222222" }, 1);
    await phone.hears("the other number", (records) => records.get(`customers#${customer}`)?.phone === "922222222");
    await phone.page.goto(`/clientes/${customer}/editar`);
    await shows("Nombre", "Rosa Quispe");
    await shows("Teléfono", "922222222");
    // While it is open; a phone that finds the network asks for the feed.
    await elsewhere({ notes: "Martes", name: "Rosita" }, 2);
    await until("the other note", async () => {
      await phone.page.evaluate(() => dispatchEvent(new Event("online")));
      return shows("Nota", "Martes", 2_000);
    }, 45_000);
    await shows("Nombre", "Rosa Quispe");
    await phone.save("Guardar cliente");
    await phone.heading("Editar cliente").waitFor({ state: "detached" });
    const { name, phone: number, notes } = await admin.one("customers", (one) => one.name === "Rosa Quispe");
    assert.deepEqual([name, number, notes], ["Rosa Quispe", "922222222", "Martes"]);
  });
});

test("a_draft_that_a_dead_battery_brings_back_is_dropped_where_its_sale_was_saved", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.browser.isKept();
    await phone.browser.offline();
    const kept = () => phone.page.evaluate(() =>
      Object.entries(localStorage).find(([key]) => key.endsWith("/venta/nueva")));
    await phone.open("/ventas/nueva");
    await phone.addLine(0, { product: "Entero", quantity: "3" });
    const draft = await until("the draft", kept);
    await phone.save("Guardar venta");
    const sale = await phone.id("ventas");
    assert.equal(await kept(), undefined);
    // As the browser does that had not written it to the disk yet.
    await phone.page.evaluate(([key, text]) => localStorage.setItem(key, text), draft);
    await phone.kill();
    await phone.start("/ventas/nueva");
    await phone.page.getByText("¿Qué lleva?").waitFor();
    assert.equal(await kept(), undefined);
    const again = await phone.newSale({ lines: [{ product: "Entero", quantity: "1" }] });
    assert.notEqual(again, sale);
    await phone.settled();
    assert.equal((await seller.all("sales")).length, 2);
  });
});
