// The three checklists of the original's audit (its section 15.1), with its names of database,
// store, keys and states.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fates, pushes } from "../harness/network.js";
import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { until } from "../harness/wait.js";

const here = scene();

test("offline_customer_creation", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.tab("Clientes");
    await phone.offline();
    const id = await phone.newCustomer({ Nombre: "Bodega Santa Rosa", Teléfono: "987654321" });
    await phone.tab("Clientes");
    await phone.card("Bodega Santa Rosa").getByText("Pendiente").waitFor();

    const queued = await phone.operations();
    assert.equal(queued.length, 1);
    const [operation] = queued;
    assert.equal(operation.status, "pending");
    assert.equal(operation.entity, "customers");
    assert.equal(operation.operation, "insert");
    assert.equal(operation.entityId, id);
    assert.equal(operation.data.name, "Bodega Santa Rosa");

    await phone.online();
    const record = await seller.one("customers", (one) => one.name === "Bodega Santa Rosa", 40_000);
    assert.equal(record.id, id);
    assert.equal(record.phone, "987654321");
    await until("the operation to be processed", async () => {
      const [operation] = await phone.operations();
      return operation.status === "processed";
    });
    await phone.settled();
    await phone.tab("Clientes");
    await phone.card("Bodega Santa Rosa").getByText("Pendiente").waitFor({ state: "detached" });
    await phone.page.getByRole("link", { name: /Bodega Santa Rosa/ }).click();
    await phone.page.getByText("Sincronizado").first().waitFor();
    const cursor = await phone.page.evaluate(() => localStorage.getItem("avileo-sync-last-since"));
    assert.match(JSON.stringify(cursor), /\.\d+/);
    const at = await phone.page.evaluate(() => localStorage.getItem("avileo-sync-last-at"));
    assert.ok(!Number.isNaN(Date.parse(at.replaceAll('"', ""))), at);
  });
});

test("offline_sale_creation", async () => {
  const { seller, goods } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    const customer = await phone.newCustomer({ Nombre: "Picantería El Rocoto" });
    const sale = await phone.newSale({
      customer: "Picantería El Rocoto",
      paid: "20",
      lines: [
        { product: "Entero", quantity: "7.5" },
        { product: "Plancha de 30", quantity: "2" },
      ],
    });
    const [, queued] = await phone.operations();
    assert.equal(queued.entityId, sale);
    assert.equal(queued.data.clientId, customer);
    assert.equal(queued.data.items.length, 2);
    const ids = queued.data.items.map((item) => item.id);
    assert.equal(new Set(ids).size, 2, "each line has an id of its own");

    await phone.online();
    const record = await seller.one("sales", (one) => one.id === sale, 40_000);
    assert.equal(record.clientId, customer);
    assert.equal(record.sellerId, seller.id);
    assert.equal(record.totalAmount, "119.00");
    assert.equal(record.amountPaid, "20.00");
    assert.equal(record.balanceDue, "99.00");
    const lines = record.items.map((item) => [item.id, item.variantId, item.quantity, item.subtotal]);
    assert.deepEqual(lines, [
      [ids[0], goods.pollo.variants[0].id, "7.500", "84.00"],
      [ids[1], goods.huevos.variants[0].id, "2.000", "35.00"],
    ]);
    assert.ok(record.items.every((item) => item.saleId === undefined || item.saleId === sale));
    await phone.settled();
  });
});

test("sync_error_handling", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const failing = phone.network.treat(pushes, fates.serverError);
    await phone.newCustomer({ Nombre: "Comedor Señora Julia" });
    await until("the push to be refused", () => failing.met > 0);
    await until("the failure to be noted", async () => {
      const [operation] = await phone.operations();
      return operation.status === "pending" && operation.retryCount > 0 && operation.lastError;
    });
    await phone.tab("Clientes");
    await phone.card("Comedor Señora Julia").getByText("Pendiente").waitFor();
    assert.notEqual(await phone.word(), "Sincronizado");

    // What no retry mends is set aside, and says so.
    failing.lift();
    const refused = phone.network.treat(pushes, fates.altered(refuseAll), 1);
    await phone.synchronise();
    await until("the answer", () => refused.met > 0);
    await until("the operation to be set aside", async () => {
      const [operation] = await phone.operations();
      return operation.status === "failed" && operation.lastError;
    });
    await phone.says("Error de sincronización");
    await phone.tab("Clientes");
    await phone.card("Comedor Señora Julia").getByText("Error").waitFor();

    // The next try goes through.
    await phone.page.getByRole("link", { name: /Comedor Señora Julia/ }).click();
    await phone.page.getByRole("button", { name: "Reintentar" }).click();
    await phone.settled();
    await seller.one("customers", (one) => one.name === "Comedor Señora Julia");
  });
});

/** An answer that refuses for good what the server has never seen so. */
function refuseAll(answer) {
  const results = answer.data.results.map(({ operationId, entityId }) => ({
    operationId, entityId, success: false, status: "rejected", retryable: false,
    code: "invalid_field", error: "El nombre no es válido.", serverTimestamp: new Date().toISOString(),
  }));
  const summary = { total: results.length, succeeded: 0, failed: results.length };
  return { ...answer, data: { results, summary } };
}
