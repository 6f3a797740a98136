// One phone, used by several tabs, by several people, or until it is full.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fates, pushes } from "../harness/network.js";
import { same, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { Screens } from "../harness/screens.js";
import { operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

test("two_tabs_write_offline_and_each_operation_is_sent_once", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const other = new Screens(await phone.browser.tab("/clientes"));
    await other.heading("Clientes").waitFor();
    await phone.offline();
    for (const count of [1, 2, 3]) {
      await phone.newCustomer({ Nombre: `Primera ${count}` });
      await other.newCustomer({ Nombre: `Segunda ${count}` });
    }
    // What one tab writes the other shows at once.
    await other.tab("Clientes");
    await other.card("Primera 3").waitFor();
    assert.equal((await phone.pending()).length, 6);
    await phone.online();
    await phone.settled();
    await other.says("Sincronizado");
    const customers = await seller.all("customers");
    assert.equal(customers.length, 6);
    assert.ok(customers.every((one) => one.version === 1));
    await same("phone and server", () => phone.records(), () => seller.records());
  });
});

test("another_user_never_sends_the_first_ones_operations_nor_sees_his_business", async () => {
  const [first, second] = await Promise.all([business(here), business(here)]);
  await first.admin.push([operation("customers", "insert", "secreto", { name: "Cliente secreto" })]);
  await withPhones([first.seller], async (phone) => {
    await until("the customer", async () => (await phone.records()).has("customers#secreto"));
    const failing = phone.network.treat(pushes, fates.serverError);
    await phone.newCustomer({ Nombre: "De la primera" });
    await phone.open("/cuenta");
    await phone.heading("Cuenta").waitFor();
    await phone.page.getByRole("button", { name: /Salir|Cerrar sesión/ }).click();
    // It warns of what has not been sent, and keeps it.
    const sheet = phone.page.getByRole("dialog");
    await sheet.getByText(/pendiente|sin enviar|por enviar/i).first().waitFor();
    await phone.picture("salir-con-pendientes");
    await sheet.getByRole("button", { name: /Salir|Cerrar sesión/ }).click();

    await phone.page.getByLabel("Correo").waitFor();
    await phone.login(second.seller.email, second.seller.password);
    await phone.tab("Clientes");
    await phone.page.getByText("Todavía no hay clientes").waitFor();
    assert.equal(await phone.page.getByText("Cliente secreto").count(), 0);
    assert.equal(await phone.page.getByText("De la primera").count(), 0);
    const kept = (await phone.operations()).filter((one) => one.status === "pending");
    assert.deepEqual(kept.map((one) => one.account.user), [first.seller.id]);

    failing.lift();
    await phone.newCustomer({ Nombre: "De la segunda" });
    await phone.settled();
    await second.admin.one("customers", (one) => one.name === "De la segunda");
    assert.equal((await second.admin.all("customers")).length, 1);
    assert.equal((await first.admin.all("customers")).length, 1, "the first one's waits for him");

    await phone.open("/cuenta");
    await phone.page.getByRole("button", { name: /Salir|Cerrar sesión/ }).click();
    const sure = phone.page.getByRole("dialog").getByRole("button", { name: /Salir|Cerrar sesión/ });
    await until("the form to sign in", async () => {
      if (await sure.isVisible()) await sure.click();
      return phone.page.getByLabel("Correo").isVisible();
    });
    await phone.login(first.seller.email, first.seller.password);
    await phone.settled();
    await first.admin.one("customers", (one) => one.name === "De la primera");
  });
});

test("a_sale_that_finds_the_storage_full_says_so_and_keeps_what_was_typed", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    const session = await phone.browser.context.newCDPSession(phone.page);
    const origin = phone.network.origin;
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
    await phone.open("/ventas/nueva");
    await phone.heading("Nueva venta").waitFor();
    await phone.addLine(0, { product: "Entero", quantity: "3.25" });
    await phone.save("Guardar venta");
    await phone.page.getByRole("alert").filter({ hasText: /espacio|almacenamiento|lleno/i }).waitFor();
    await phone.picture("sin-espacio");
    assert.equal(await phone.page.locator("#quantity-0").inputValue(), "3.25");
    assert.equal((await phone.operations()).length, 0);

    await session.send("Storage.overrideQuotaForOrigin", { origin });
    await phone.save("Guardar venta");
    await phone.id("ventas");
    await phone.online();
    await phone.settled();
    assert.equal((await seller.all("sales")).length, 1);
  });
});
