// Two taps where one was meant, on a phone six times slower than ours: every form and every button
// acts once. Enter on the phone's keyboard saves nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";

const here = scene();

test("a_double_tap_acts_once_in_every_form_and_on_every_button", async () => {
  const { admin } = await business(here);
  await withPhones([admin], async (phone) => {
    const { page, network } = phone;
    const devtools = await phone.browser.context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 6 });
    const twice = (name) => page.getByRole("button", { name, exact: true }).dblclick();
    const counts = (method, path) =>
      network.requests.filter((one) => one.method === method && one.path === `/api${path}`).length;

    await phone.open("/clientes/nuevo");
    await page.getByRole("textbox", { name: "Nombre", exact: true }).fill("Doña Lucía");
    await twice("Guardar cliente");
    const customer = await phone.id("clientes");

    await phone.open(`/clientes/${customer}/abono`);
    await page.getByLabel("Monto", { exact: true }).fill("50");
    await twice("Guardar abono");
    await phone.heading("Registrar abono").waitFor({ state: "detached" });

    // Another customer, from within a sale.
    await phone.open("/ventas/nueva");
    await page.getByRole("button", { name: /Cambiar/ }).click();
    await page.getByRole("searchbox").fill("Juan");
    await twice("Agregar a «Juan»");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await phone.addLine(0, { product: "Entero", quantity: "2.5" });
    await twice("Guardar venta");
    const sale = await phone.id("ventas");

    // Both taps of a delete hit the screen's button alone: the sheet that it opens stays.
    await twice("Eliminar");
    const sure = page.getByRole("dialog");
    await sure.getByRole("button", { name: "Eliminar" }).dblclick();
    await phone.heading("Ventas").waitFor();

    await phone.open("/equipo");
    await twice("Nueva persona");
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("Nombre").fill("Pedro");
    await sheet.getByLabel("Correo").fill(`pedro-${sale}@avileo.test`);
    await sheet.getByLabel("Contraseña", { exact: true }).fill("una-clave-larga");
    await twice("Agregar");
    await sheet.waitFor({ state: "detached" });
    assert.equal(counts("POST", "/team"), 1);

    await phone.settled();
    const operations = (await phone.operations()).map((one) => `${one.entity} ${one.operation}`);
    assert.deepEqual(operations.sort(), [
      "abonos insert", "customers insert", "customers insert", "sales delete", "sales insert",
    ]);
    const customers = await admin.all("customers");
    assert.deepEqual(customers.map((one) => one.name).sort(), ["Doña Lucía", "Juan"]);
    assert.equal((await admin.all("abonos")).length, 1);
  });
});

test("two_quick_taps_on_chips_count_and_enter_saves_nothing", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    const customer = await phone.newCustomer({ Nombre: "Doña Rosa" });
    await phone.open(`/clientes/${customer}/abono`);
    const amount = page.getByLabel("Monto", { exact: true });
    for (const chip of ["S/ 50", "S/ 100"]) await page.getByRole("button", { name: chip, exact: true }).tap();
    assert.equal(await amount.inputValue(), "100");
    await amount.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "notes");
    assert.equal(await page.locator("#notes").getAttribute("enterkeyhint"), "done");
    await page.locator("#notes").press("Enter");
    assert.deepEqual((await phone.operations()).filter((one) => one.entity === "abonos"), []);
    assert.equal(await phone.heading("Registrar abono").count(), 1);
  });
});
