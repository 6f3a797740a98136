// What an administrator changes: products and the ways they are sold, loads, and who may not; and
// the correction of what was refused.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { fates, pushes } from "../harness/network.js";
import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

test("an_administrator_makes_and_changes_what_is_sold_and_a_seller_sees_it", async () => {
  const { admin, seller, goods } = await business(here);
  await withPhones([admin, seller], async (phone, other) => {
    const { page } = phone;
    await phone.open("/catalogo");
    await page.getByRole("button", { name: "Editar Entero" }).click();
    let sheet = page.getByRole("dialog", { name: "Editar Entero" });
    await sheet.getByLabel("Nombre").fill("Entero fresco");
    await sheet.getByLabel("Precio").fill("12.40");
    await phone.picture("catalogue-variant");
    await sheet.getByRole("button", { name: "Guardar" }).click();
    await sheet.waitFor({ state: "detached" });
    const variant = await admin.one("product_variants", (one) => one.price === "12.40");
    assert.equal(variant.id, goods.pollo.variants[0].id);
    assert.equal(variant.name, "Entero fresco");

    // Sold no more: out of the seller's list, still in the administrator's.
    await page.getByRole("button", { name: "Editar Pechuga" }).click();
    sheet = page.getByRole("dialog", { name: "Editar Pechuga" });
    await sheet.getByRole("radio", { name: "No se vende" }).click();
    await sheet.getByRole("button", { name: "Guardar" }).click();
    await phone.card("Pechuga").getByText("No se vende").waitFor();

    await page.getByRole("button", { name: "Nuevo producto" }).click();
    sheet = page.getByRole("dialog", { name: "Nuevo producto" });
    await sheet.getByRole("button", { name: "Guardar" }).click();
    await sheet.getByText("Escribe el nombre.").waitFor();
    await sheet.getByLabel("Nombre").fill("Gallina");
    await sheet.getByLabel("Precio base").fill("9.50");
    await sheet.getByRole("button", { name: "Guardar" }).click();
    await page.getByRole("button", { name: "Agregar presentación a Gallina" }).click();
    sheet = page.getByRole("dialog", { name: "Nueva presentación de Gallina" });
    await sheet.getByLabel("Nombre").fill("Doble pechuga");
    await sheet.getByLabel("Código").fill("GA-1");
    await sheet.getByLabel("Precio").fill("9.80");
    await sheet.getByRole("button", { name: "Guardar" }).click();
    await sheet.waitFor({ state: "detached" });
    await phone.picture("catalogue");
    const hen = await admin.one("products", (one) => one.name === "Gallina");
    assert.equal(hen.basePrice, "9.50");
    const double = await admin.one("product_variants", (one) => one.name === "Doble pechuga");
    assert.deepEqual([double.productId, double.sku, double.price], [hen.id, "GA-1", "9.80"]);

    // A product's code is cleared again by emptying it.
    await page.getByRole("button", { name: "Editar Doble pechuga" }).click();
    sheet = page.getByRole("dialog", { name: "Editar Doble pechuga" });
    await sheet.getByLabel("Código").fill("");
    await sheet.getByRole("button", { name: "Guardar" }).click();
    await admin.one("product_variants", (one) => one.name === "Doble pechuga" && one.sku === undefined);

    await other.learns("/catalogo", () => other.card("Doble pechuga"));
    await other.card("Entero fresco").getByText("12.40").waitFor();
    assert.equal(await other.page.getByText("Pechuga", { exact: true }).count(), 0);
    assert.equal(await other.page.getByRole("button", { name: /^Editar/ }).count(), 0);
  });
});

test("a_load_is_changed_until_it_is_closed", async () => {
  const { admin, seller, goods } = await business(here);
  const today = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);
  const load = randomUUID();
  await admin.push([
    operation("distribuciones", "insert", load, {
      vendedorId: seller.id, puntoVenta: "Carro A", fecha: today, modo: "acumulativo",
      items: [{ variantId: goods.pollo.variants[0].id, cantidadAsignada: "40.000", unidad: "kg" }],
    }),
  ]);
  await withPhones([admin], async (phone) => {
    const { page } = phone;
    await phone.open(`/distribuciones/${load}`);
    await page.getByRole("link", { name: "Editar" }).click();
    await page.getByRole("textbox", { name: "Entero" }).fill("55.5");
    await page.getByLabel("Punto de venta").fill("Carro B");
    await page.getByRole("radio", { name: "En ruta" }).click();
    await page.getByRole("button", { name: "Agregar producto" }).click();
    await page.getByRole("dialog", { name: "Elegir producto" }).getByRole("button", { name: /Pechuga/ }).click();
    await page.getByRole("textbox", { name: "Pechuga" }).fill("10");
    await phone.picture("load-edited");
    await phone.save("Guardar distribución");
    await page.getByText("65.5 kg").first().waitFor();
    const saved = await admin.one("distribuciones", (one) => one.puntoVenta === "Carro B");
    assert.deepEqual([saved.id, saved.estado, saved.kilosAsignados], [load, "en_ruta", "65.500"]);
    assert.equal(saved.items.length, 2);
    const [sent] = (await phone.operations()).filter((one) => one.entity === "distribuciones");
    assert.deepEqual(Object.keys(sent.data).sort(), ["estado", "items", "puntoVenta"], "only what differs");

    await seller.push([operation("distribuciones", "update", load, { estado: "cerrado" })]);
    await phone.learns(`/distribuciones/${load}/editar`, () => page.getByText("La distribución ya está cerrada"));
  });
});

test("a_correction_may_empty_what_was_refused", async () => {
  const { seller } = await business(here);
  const customer = randomUUID();
  await seller.push([operation("customers", "insert", customer, { name: "Rosa Quispe", phone: "987654321", dni: "12345678" })]);
  await withPhones([seller], async (phone) => {
    const refused = phone.network.treat(pushes, fates.altered(refuseAll), 1);
    await phone.editCustomer(customer, { Teléfono: "999111222", "DNI o RUC": "87654321" });
    await until("the answer", () => refused.met > 0);
    await phone.says("Error de sincronización");
    await phone.open(`/clientes/${customer}`);
    await phone.page.getByRole("link", { name: "Corregir" }).click();
    await phone.heading("Editar cliente").waitFor();
    await phone.page.getByRole("textbox", { name: "Teléfono", exact: true }).fill("");
    await phone.save("Guardar cliente");
    await phone.settled();
    const record = await seller.one("customers", (one) => one.id === customer && one.dni === "87654321");
    assert.equal(record.phone, undefined);
    assert.equal(record.name, "Rosa Quispe");
  });
});

/** Refused for good, and never brought to the server's knowledge: the code alone, without words. */
function refuseAll(answer) {
  const results = answer.data.results.map(({ operationId, entityId }) => ({
    operationId, entityId, success: false, status: "rejected", retryable: false,
    code: "invalid_field", serverTimestamp: new Date().toISOString(),
  }));
  return { ...answer, data: { results, summary: { total: results.length, succeeded: 0, failed: results.length } } };
}
