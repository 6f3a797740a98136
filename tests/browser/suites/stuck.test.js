// What the server refuses is set aside with a reason and a way out, and nothing else waits for it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fates, pushes } from "../harness/network.js";
import { same, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { until } from "../harness/wait.js";

const here = scene();
test("one_poisoned_operation_among_thirty_is_set_aside_and_the_rest_goes", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    for (let count = 1; count <= 30; count += 1) {
      await phone.newCustomer({ Nombre: count === 17 ? "El envenenado" : `Cliente ${count}` });
    }
    const poison = phone.network.treat(pushes, fates.rewritten(poisonName), 1);
    await phone.online();
    await until("29 customers on the server", async () => {
      return (await seller.all("customers")).length === 29;
    }, 60_000);
    assert.equal(poison.met, 1);
    await phone.says("Error de sincronización");
    const failed = (await phone.operations()).filter((one) => one.status === "failed");
    assert.equal(failed.length, 1);
    assert.ok(failed[0].lastError && failed[0].code, JSON.stringify(failed));

    await phone.tab("Clientes");
    await phone.card("El envenenado").getByText("Error").waitFor();
    await phone.picture("clientes-con-error");
    await phone.page.getByRole("link", { name: /El envenenado/ }).click();
    await phone.page.getByText(failed[0].lastError).waitFor();
    await phone.picture("cliente-con-error");
    await phone.page.getByRole("link", { name: "Corregir" }).click();
    await phone.page.getByLabel("Nombre", { exact: true }).fill("El corregido");
    await phone.save("Guardar cliente");
    await phone.settled();
    const names = (await seller.all("customers")).map((one) => one.name);
    assert.equal(names.length, 30);
    assert.ok(names.includes("El corregido") && !names.includes("El envenenado"));
    await same("phone and server", () => phone.records(), () => seller.records());
  });
});

test("a_sale_waits_for_its_customer_and_follows_once_he_is_corrected", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    const customer = await phone.newCustomer({ Nombre: "El envenenado" });
    const lines = [{ product: "Entero", quantity: "2" }];
    const sale = await phone.newSale({ customer: "El envenenado", lines, paid: "0" });
    phone.network.treat(pushes, fates.rewritten(poisonName), 1);
    await phone.online();
    await until("the customer to be set aside", async () =>
      (await phone.operations()).some((one) => one.entityId === customer && one.status === "failed"),
    );
    await phone.open("/sincronizacion");
    const waits = phone.page.getByText("Sale cuando corrijas: Cliente nuevo: El envenenado");
    await waits.scrollIntoViewIfNeeded();
    await phone.picture("estado-de-sync-con-error");
    const waiting = (await phone.operations()).find((one) => one.entityId === sale);
    assert.equal(waiting.status, "pending");
    assert.equal((await seller.all("sales")).length, 0);

    await phone.editCustomer(customer, { Nombre: "Ya corregido" });
    await phone.settled();
    const arrived = await seller.one("sales", (one) => one.id === sale);
    assert.equal(arrived.clientId, customer);
    await seller.one("customers", (one) => one.id === customer && one.name === "Ya corregido");
  });
});

test("a_discarded_customer_sets_his_sale_aside_and_nothing_of_both_remains", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    await phone.newCustomer({ Nombre: "El envenenado" });
    const lines = [{ product: "Entero", quantity: "2" }];
    await phone.newSale({ customer: "El envenenado", lines, paid: "0" });
    phone.network.treat(pushes, fates.rewritten(poisonName), 1);
    await phone.online();
    const failed = async (entity) => {
      const all = await phone.operations();
      return all.some((one) => one.entity === entity && one.status === "failed");
    };
    await until("the customer to be set aside", () => failed("customers"));
    await phone.open("/sincronizacion");
    const discard = async () => {
      await phone.page.getByRole("button", { name: "Eliminar este cambio" }).first().click();
      await phone.confirm("Eliminar este cambio");
    };
    await discard();
    await until("the sale to be set aside", () => failed("sales"));
    await phone.picture("venta-sin-cliente");
    await discard();
    await phone.settled();
    assert.equal((await seller.all("customers")).length + (await seller.all("sales")).length, 0);
    await phone.tab("Clientes");
    await phone.heading("Clientes").waitFor();
    await phone.page.getByText("El envenenado").waitFor({ state: "detached" });
  });
});

test("a_refused_abono_is_corrected_from_the_queue_and_arrives_once", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const customer = await phone.newCustomer({ Nombre: "Rosa Quispe" });
    await phone.settled();
    const refused = phone.network.treat(pushes, fates.rewritten((body) => {
      for (const one of body.operations) one.payload.amount = "-1";
      return body;
    }), 1);
    await phone.newAbono(customer, "5");
    await until("the refusal", () => refused.met === 1);
    await phone.says("Error de sincronización");
    await phone.open("/sincronizacion");
    await phone.page.getByRole("link", { name: "Corregir" }).click();
    await phone.heading("Corregir abono").waitFor();
    await phone.page.getByLabel("Monto", { exact: true }).fill("7.50");
    await phone.save("Guardar abono");
    await phone.settled();
    const abono = await seller.one("abonos", () => true);
    assert.deepEqual([abono.amount, abono.clientId], ["7.50", customer]);
  });
});

/** Makes invalid on its way what the phone's own rules let through. */
function poisonName(body) {
  for (const one of body.operations) {
    if (one.payload.name === "El envenenado") one.payload.dni = "123";
  }
  return body;
}
