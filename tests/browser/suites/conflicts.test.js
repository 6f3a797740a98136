// Two phones change the same customer without knowing of each other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { same, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { operation } from "../harness/server.js";
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
