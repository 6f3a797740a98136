// One phone in several hands, in several tabs, and with no room left: what was typed stays with
// whoever typed it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { Screens } from "../harness/screens.js";
import { until } from "../harness/wait.js";

const here = scene();

test("leaving_with_operations_pending_warns_and_keeps_them_from_the_next_user", async () => {
  const { seller } = await business(here);
  const { admin: stranger } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    await phone.newCustomer({ Nombre: "Apuntado por Luis" });
    await leave(phone);
    const warning = phone.page.getByRole("dialog", { name: "Hay cambios sin enviar" });
    await warning.waitFor();
    await warning.getByText("Queda 1 cambio en este teléfono.").waitFor();
    await phone.picture("salir-con-pendientes");
    await warning.getByRole("button", { name: "Quedarme" }).click();
    await warning.waitFor({ state: "detached" });
    await leave(phone);
    await warning.getByRole("button", { name: "Salir de todos modos" }).click();
    await phone.heading("Entrar a Avileo").waitFor();

    // Another business's administrator takes the phone.
    await phone.online();
    await phone.login(stranger.email, stranger.password);
    await phone.says("Sincronizado");
    await phone.tab("Clientes");
    await phone.heading("Clientes").waitFor();
    assert.equal(await phone.page.getByText("Apuntado por Luis").count(), 0);
    const [kept, ...others] = await phone.pending();
    assert.equal(others.length, 0);
    assert.equal(kept.data.name, "Apuntado por Luis");
    assert.equal(kept.account.user, seller.id);
    for (const person of [seller, stranger]) assert.equal((await person.all("customers")).length, 0);

    // He has nothing of his own that waits, so nothing is asked.
    await leave(phone);
    await phone.heading("Entrar a Avileo").waitFor();
    await phone.login(seller.email, seller.password);
    await phone.settled();
    await seller.one("customers", (one) => one.name === "Apuntado por Luis");
    assert.equal((await stranger.all("customers")).length, 0);
  });
});

test("two_tabs_write_offline_see_each_other_at_once_and_send_each_operation_once", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.browser.isKept();
    const other = new Screens(await phone.browser.tab("/clientes"));
    await other.heading("Clientes").waitFor();
    await phone.offline();
    await phone.newCustomer({ Nombre: "De la primera" });
    await other.card("De la primera").waitFor();
    await other.newCustomer({ Nombre: "De la segunda" });
    await phone.tab("Clientes");
    await phone.card("De la segunda").getByText("Pendiente").waitFor();
    await phone.online();
    await phone.settled();
    await other.says("Sincronizado");
    const customers = await seller.all("customers");
    assert.deepEqual(customers.map((one) => one.name).sort(), ["De la primera", "De la segunda"]);
    assert.ok(customers.every((one) => one.version === 1), "each was sent once");
  });
});

test("a_sale_that_finds_no_room_stays_in_its_form", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.page.evaluate(fillUp);
    await phone.open("/ventas/nueva");
    await phone.heading("Nueva venta").waitFor();
    await phone.addLine(0, { product: "Entero", quantity: "2.5" });
    await phone.save("Guardar venta");
    await phone.page.getByRole("alert").getByText("No queda espacio en el teléfono").waitFor();
    await phone.picture("sin-espacio");
    assert.equal(await phone.page.locator("#quantity-0").inputValue(), "2.5");
    assert.deepEqual(await phone.operations(), []);

    await phone.page.evaluate(() => window.makeRoom());
    await phone.save("Guardar venta");
    await phone.heading("Nueva venta").waitFor({ state: "detached" });
    await phone.settled();
    await seller.one("sales", (one) => one.totalAmount === "28.00");
  });
});

test("a_sale_whose_transaction_is_aborted_stays_in_its_form", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.page.evaluate(giveUp);
    await phone.open("/ventas/nueva");
    await phone.heading("Nueva venta").waitFor();
    await phone.addLine(0, { product: "Entero", quantity: "2.5" });
    await phone.save("Guardar venta");
    await phone.page.getByRole("alert").getByText("El teléfono no pudo guardar").waitFor();
    await phone.picture("transaccion-abortada");
    assert.equal(await phone.page.locator("#quantity-0").inputValue(), "2.5");
    assert.deepEqual(await phone.operations(), []);

    await phone.page.evaluate(() => window.goOn());
    await phone.save("Guardar venta");
    await phone.heading("Nueva venta").waitFor({ state: "detached" });
    await phone.settled();
    await seller.one("sales", (one) => one.totalAmount === "28.00");
  });
});

test("what_waits_is_put_back_when_the_database_goes_under_the_running_app", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.browser.isKept();
    const other = await phone.browser.tab("/robots.txt");
    await phone.offline();
    await phone.newCustomer({ Nombre: "Apuntado sin señal" });
    await phone.open("/ventas/nueva");
    await phone.heading("Nueva venta").waitFor();
    await phone.addLine(0, { product: "Entero", quantity: "2.5" });
    await other.evaluate(remove);
    await phone.save("Guardar venta");
    await phone.page.getByRole("alert").getByText("El navegador borró los datos guardados").waitFor();
    await phone.picture("datos-borrados");
    assert.equal(await phone.page.locator("#quantity-0").inputValue(), "2.5");

    await phone.save("Guardar venta");
    await phone.heading("Nueva venta").waitFor({ state: "detached" });
    const waiting = await phone.pending();
    assert.deepEqual(waiting.map((one) => one.entity), ["customers", "sales"]);
    // Its session went too. Whoever enters again finds what waited.
    await phone.page.reload();
    await phone.heading("Entrar a Avileo").waitFor();
    await phone.online();
    await phone.login(seller.email, seller.password);
    await phone.settled();
    await seller.one("customers", (one) => one.name === "Apuntado sin señal");
    await seller.one("sales", (one) => one.totalAmount === "28.00");
  });
});

test("a_database_that_went_between_two_visits_is_told_where_one_enters", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const notice = phone.page.getByText("El navegador borró los datos de este teléfono");
    await phone.newCustomer({ Nombre: "Enviado a tiempo" });
    await phone.settled();
    await phone.open("/clientes/nuevo");
    await phone.page.getByRole("textbox", { name: "Nombre", exact: true }).fill("A medio escribir");
    await phone.page.goto("/robots.txt");
    await phone.page.evaluate(remove);
    await phone.page.goto("/clientes/nuevo");
    await phone.heading("Entrar a Avileo").waitFor();
    await notice.waitFor();
    await phone.picture("datos-borrados-entrar");
    await phone.login(seller.email, seller.password);
    await phone.says("Sincronizado");
    await phone.tab("Clientes");
    await phone.card("Enviado a tiempo").waitFor();
    await phone.open("/clientes/nuevo");
    const name = phone.page.getByRole("textbox", { name: "Nombre", exact: true });
    await until("the draft", async () => (await name.inputValue()) === "A medio escribir");
    // Who leaves of his own will is not told of losses.
    await leave(phone);
    await phone.heading("Entrar a Avileo").waitFor();
    assert.equal(await notice.count(), 0);
  });
});

test("a_phone_whose_browser_forgot_the_whole_site_begins_anew", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.newCustomer({ Nombre: "Enviado a tiempo" });
    await phone.settled();
    const devtools = await phone.browser.context.newCDPSession(phone.page);
    const { origin } = phone.network;
    await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" });
    await phone.page.goto("/clientes");
    await phone.heading("Entrar a Avileo").waitFor();
    await phone.login(seller.email, seller.password);
    await phone.says("Sincronizado");
    await phone.tab("Clientes");
    await phone.card("Enviado a tiempo").waitFor();
  });
});

test("an_older_tab_lets_a_newer_one_upgrade_and_says_what_to_do", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const newer = await phone.browser.tab("/robots.txt");
    const version = await newer.evaluate(upgrade);
    assert.ok(version > 1);
    await phone.open("/clientes/nuevo");
    await phone.heading("Nuevo cliente").waitFor();
    const name = phone.page.getByRole("textbox", { name: "Nombre", exact: true });
    await name.fill("En la pestaña vieja");
    await phone.save("Guardar cliente");
    await until("the older tab to say why", () =>
      phone.page.getByText("Cierra las otras pestañas").first().isVisible(),
    );
    await phone.picture("pestaña-vieja");
    assert.equal(await name.inputValue(), "En la pestaña vieja");
  });
});

async function leave(phone) {
  await phone.open("/cuenta");
  await phone.page.getByRole("button", { name: "Salir", exact: true }).click();
}

/** In the page: the queue takes no more, as on a full disk. */
function fillUp() {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...words) {
    if (this.name === "operations") throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, words);
  };
  window.makeRoom = () => (IDBObjectStore.prototype.put = put);
}

/** In the page: the browser gives up what is written to the queue, after it took it. */
function giveUp() {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...words) {
    const request = put.apply(this, words);
    if (this.name === "operations") this.transaction.abort();
    return request;
  };
  window.goOn = () => (IDBObjectStore.prototype.put = put);
}

/** In the page: the database goes, as when a browser makes room. */
function remove() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase("avileo-sync");
    request.onblocked = () => reject(new Error("the app does not let go"));
    request.onerror = () => reject(request.error);
    request.onsuccess = resolve;
  });
}

/** In the page: opens the database as a later version of the app does, adding to its stores. */
function upgrade() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("avileo-sync", 99);
    request.onupgradeneeded = () => request.result.createObjectStore("ofTheFuture");
    request.onblocked = () => reject(new Error("the older tab does not let go"));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result.version);
  });
}
