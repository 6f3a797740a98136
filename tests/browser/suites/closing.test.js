// The end of a day: closed by its seller, a sale that comes late, the correction by an administrator.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { creditSale, operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

test("a_day_is_closed_a_late_sale_flags_it_and_a_correction_counts_it", async () => {
  const { admin, seller, goods } = await business(here);
  const customer = randomUUID();
  await seller.push([
    operation("customers", "insert", customer, { name: "Rosa Quispe" }),
    operation("sales", "insert", randomUUID(), creditSale(customer, goods.pollo, "7.500", "84.00", "20.00")),
  ]);
  await withPhones([seller, admin], async (phone, office) => {
    await phone.open("/cierre");
    await phone.page.getByText("S/ 84.00").first().waitFor();
    await phone.save("Cerrar el día");
    await phone.page.getByText("Escribe cuánto efectivo entregas.").waitFor();
    await phone.page.getByLabel("Efectivo que entregas").fill("20");
    await phone.save("Cerrar el día");
    await phone.page.getByRole("heading", { name: "Día cerrado" }).waitFor();
    await phone.picture("closed");
    const first = await seller.one("closings", () => true);
    assert.deepEqual([first.totalAmount, first.cashCounted, first.cashDifference], ["84.00", "20.00", "0.00"]);
    assert.equal(first.sellerId, seller.id);

    // Written without a signal before the day was over, sent after it was closed.
    await phone.newSale({ lines: [{ product: "Entero", quantity: "2" }] });
    await phone.settled();
    const late = await seller.one("closings", (one) => one.lateEntriesCount === 1);
    assert.equal(late.totalAmount, "84.00", "its figures stay as they were signed");
    const note = "1 registro llegó después del cierre";
    await phone.learns("/cierre", () => phone.page.getByText(note));
    await phone.picture("closed-late");

    await office.learns("/cierres", () => office.page.getByText(note));
    await office.page.getByRole("button", { name: "Corregir el cierre de Luis Rojas" }).click();
    const sheet = office.page.getByRole("dialog", { name: "Corregir cierre" });
    await sheet.getByLabel("Efectivo entregado").fill("42.40");
    await sheet.getByRole("button", { name: "Guardar cierre" }).click();
    await sheet.getByText("Escribe el motivo, con 10 letras o más.").waitFor();
    await sheet.getByLabel("Motivo").fill("Faltaba una venta del campo");
    await office.picture("closing-correction");
    await sheet.getByRole("button", { name: "Guardar cierre" }).click();
    await sheet.waitFor({ state: "detached" });
    const correction = await admin.one("closings", (one) => one.correctionOf === first.id);
    assert.deepEqual([correction.totalAmount, correction.cashDifference], ["106.40", "0.00"]);
    await office.learns("/cierres", () => office.page.getByText(/Corregido/));
    await office.page.getByText(/Corrección/).waitFor();
    await office.picture("closings");
    assert.equal(await office.page.getByRole("button", { name: /^Corregir el/ }).count(), 1, "what is corrected stays so");

    // The seller sees the one that holds.
    await phone.learns("/cierre", () => phone.page.getByText("S/ 106.40").first());
  });
});

test("what_is_said_in_passing_stands_over_no_figure", async () => {
  const { admin, seller, goods } = await business(here);
  const [variant] = goods.pollo.variants;
  const fecha = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);
  await admin.push([operation("distribuciones", "insert", randomUUID(), {
    vendedorId: seller.id, puntoVenta: "Carro A", fecha, estado: "en_ruta", modo: "libre",
    items: [{ variantId: variant.id, cantidadAsignada: "40.000", unidad: "kg" }],
  })]);
  for (const screen of [{ width: 393, height: 851 }, { width: 1280, height: 800 }]) {
    await withPhones([seller], async (phone) => {
      await phone.learns("/cierre", () => phone.page.getByRole("region", { name: "Carga" }));
      if (screen.width < 900) {
        await phone.page.getByLabel("Kilos devueltos").fill("40");
        await phone.save("Cerrar carga");
        await phone.confirm("Cerrar carga");
      } else {
        await phone.page.getByLabel("Efectivo que entregas").fill("0");
        await phone.save("Cerrar el día");
      }
      const toast = phone.page.getByRole("status").locator(".toast");
      const said = await toast.boundingBox();
      await phone.picture(`toast-${screen.width}`);
      const bar = await phone.page.getByRole("navigation", { name: "Principal" }).boundingBox();
      const within = said.x >= bar.x && said.y >= bar.y
        && said.x + said.width <= bar.x + bar.width && said.y + said.height <= bar.y + bar.height;
      assert.ok(within, `${JSON.stringify(said)} stands out of the tabs, ${JSON.stringify(bar)}`);
    }, { screen });
  }
});

test("a_day_that_its_seller_left_open_is_closed_by_the_administrator_with_a_reason", async () => {
  const { admin, seller } = await business(here);
  await withPhones([admin], async (phone) => {
    await phone.open("/cierres");
    await phone.page.getByText("Sin cierres").waitFor();
    await phone.page.getByRole("button", { name: "Cerrar un día" }).click();
    const sheet = phone.page.getByRole("dialog", { name: "Cerrar un día" });
    const choice = sheet.getByLabel("Vendedor");
    await until("the team", async () => (await choice.locator("option").count()) > 2);
    await choice.selectOption(seller.id);
    await sheet.getByLabel("Efectivo entregado").fill("0");
    await sheet.getByLabel("Motivo").fill("Se quedó sin batería");
    await sheet.getByRole("button", { name: "Guardar cierre" }).click();
    await sheet.waitFor({ state: "detached" });
    const closing = await admin.one("closings", () => true);
    const yesterday = new Date(Date.now() - 29 * 3_600_000).toISOString().slice(0, 10);
    assert.deepEqual([closing.sellerId, closing.closingDate], [seller.id, yesterday]);
    assert.equal(closing.backdateReason, "Se quedó sin batería");
  });
});
