// Two phones change the same customer without knowing of each other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { same, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { creditSale, operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();
const ID = "cliente-de-dos";

/** Two phones of one business, both offline, that know the same customer. */
async function twoPhonesOffline(work) {
  const { admin, seller } = await business(here);
  const known = { name: "Bodega Ñusta", phone: "911111111", address: "Jr. Puno 100" };
  await admin.push([operation("customers", "insert", ID, known)]);
  await admin.one("customers", () => true);
  await withPhones([admin, seller], async (one, other) => {
    for (const phone of [one, other]) {
      await until("the customer", async () => (await phone.records()).has(`customers#${ID}`));
      await phone.offline();
    }
    await work(one, other, admin);
  });
}

/** Whether the customer has come to this version. */
function isAt(records, version) {
  return records.get(`customers#${ID}`)?.version === version;
}

/** Brings a phone back and waits until its work is done. */
async function back(phone) {
  await phone.online();
  await phone.synchronise();
  await until("the queue to be sent", async () => (await phone.pending()).length === 0, 45_000);
}

test("different_fields_merge", async () => {
  await twoPhonesOffline(async (one, other, admin) => {
    await one.editCustomer(ID, { Teléfono: "922222222" });
    await other.editCustomer(ID, { Dirección: "Jr. Cusco 200" });
    await back(one);
    await back(other);
    const merged = await admin.one("customers", (record) => record.version === 3);
    assert.equal(merged.phone, "922222222");
    assert.equal(merged.address, "Jr. Cusco 200");
    assert.equal((merged.conflicts ?? []).length, 0);
    await one.hears("of the other's change", (records) => isAt(records, 3));
    await same("both phones", () => one.records(), () => other.records());
  });
});

test("the_loser_of_the_same_field_is_shown_and_comes_back_by_one_tap", async () => {
  await twoPhonesOffline(async (one, other, admin) => {
    await one.editCustomer(ID, { Teléfono: "922222222" });
    await other.editCustomer(ID, { Teléfono: "933333333" });
    await back(one);
    await back(other);
    const stands = await admin.one("customers", (record) => record.version === 3);
    assert.equal(stands.phone, "933333333", "the later change stands");
    const [conflict] = stands.conflicts;
    assert.equal(conflict.field, "phone");
    assert.equal(conflict.lost, "922222222");
    assert.equal(conflict.lostBy, admin.id);

    await one.hears("of the conflict", (records) => isAt(records, 3));
    await one.open(`/clientes/${ID}`);
    const notice = one.page.getByRole("region", { name: "Conflictos" });
    await notice.getByText("922222222").waitFor();
    await notice.getByText("933333333").waitFor();
    await one.picture("conflicto");
    await notice.getByRole("button", { name: "Restaurar" }).click();
    await back(one);
    const restored = await admin.one("customers", (record) => record.version === 4);
    assert.equal(restored.phone, "922222222");
    assert.equal((restored.conflicts ?? []).length, 0);
    await other.hears("of the restored value", (records) => isAt(records, 4));
    await same("both phones", () => one.records(), () => other.records());
    await one.open(`/clientes/${ID}`);
    await notice.waitFor({ state: "detached" });
  });
});

// The seller corrects the kilos of a line; its price and what is paid are corrected elsewhere.
test("a_sale_changed_twice_tells_in_words_what_each_person_lost_and_restores_it", async () => {
  const { admin, seller, goods } = await business(here);
  const [client, sale] = ["rosa", "venta-de-dos"];
  await admin.push([operation("customers", "insert", client, { name: "Rosa Quispe" })]);
  await seller.push([operation("sales", "insert", sale, creditSale(client, goods.pollo, "3.000", "33.60", "20.00"))]);
  await admin.one("sales", () => true);
  const correct = async (phone, fields) => {
    await phone.open(`/ventas/${sale}/editar`);
    await phone.heading("Corregir venta").waitFor();
    for (const [field, value] of Object.entries(fields)) await phone.page.locator(field).fill(value);
    await phone.save("Guardar venta");
    await phone.heading("Corregir venta").waitFor({ state: "detached" });
  };
  const isAt = (version) => (records) => records.get(`sales#${sale}`)?.version === version;
  await withPhones([seller, admin], async (juana, boss) => {
    for (const phone of [juana, boss]) {
      await until("the sale", async () => isAt(1)(await phone.records()));
      await phone.offline();
    }
    await correct(juana, { "#quantity-0": "3.5" });
    await correct(boss, { "#price-0": "12.00", "#paid": "25" });
    await back(juana);
    await back(boss);

    const stands = await admin.one("sales", (one) => one.version === 3);
    assert.deepEqual([stands.totalAmount, stands.amountPaid], ["36.00", "25.00"]);
    const lost = stands.conflicts.map((one) => [one.field, one.lostBy, one.lost.quantity, one.lost.unitPrice]);
    // What she never touched is no conflict of hers: neither the payment nor the price.
    assert.deepEqual(lost, [[`items/${stands.items[0].id}`, seller.id, "3.500", "12.00"]]);

    await boss.hears("of the conflict", isAt(3));
    await boss.open("/mas");
    await boss.page.getByRole("link", { name: /Cambios cruzados/ }).click();
    await boss.heading("Cambios cruzados").waitFor();
    await boss.page.getByText(/Se perdió un cambio de Luis Rojas/).waitFor();
    await boss.page.getByText("Pollo Entero: quedó 3 kg × S/ 12.00; se perdió 3.5 kg.").waitFor();
    await boss.picture("cambios-cruzados");

    await juana.hears("of the conflict", isAt(3));
    await juana.offline();
    await juana.open(`/ventas/${sale}`);
    const notice = juana.page.getByRole("region", { name: "Conflictos" });
    await notice.getByText(/Se perdió un cambio de ti/).waitFor();
    await juana.picture("conflicto-de-una-venta");
    await notice.getByRole("button", { name: "Restaurar" }).click();
    await juana.page.getByText("3.5 kg × S/ 12.00").waitFor();
    await notice.waitFor({ state: "detached" });
    await back(juana);
    const restored = await admin.one("sales", (one) => one.version === 4);
    assert.deepEqual([restored.totalAmount, restored.amountPaid, restored.conflicts], ["42.00", "25.00", undefined]);

    await boss.hears("of the restored kilos", isAt(4));
    await boss.open("/cambios-cruzados");
    await boss.page.getByText("No hay cambios cruzados").waitFor();
    await same("both phones", () => juana.records(), () => boss.records());
  });
});
