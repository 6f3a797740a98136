// What a seller types is what is charged: the comma, the tara, and the calculator's weighing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { until } from "../harness/wait.js";

const here = scene();

test("a_comma_is_the_decimal_mark_of_a_weight_and_what_is_unusual_is_asked", async () => {
  const { admin, seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    await phone.open("/ventas/nueva");
    await phone.heading("Nueva venta").waitFor();
    await phone.addLine(0, { product: "Entero", quantity: "abc", price: "11,20" });
    await page.getByText("Escribe solo números.").waitFor();
    await page.locator("#quantity-0").fill("0,250");
    await page.getByText("= 0.25 kg").waitFor();
    await phone.picture("cantidad-con-coma");
    await phone.save("Guardar venta");
    const sale = await admin.one("sales", (one) => one.items[0].quantity === "0.250");
    assert.equal(sale.totalAmount, "2.80");

    // Money in two readings, ten times the list price, and 600 kg: each is asked.
    await phone.open("/ventas/nueva");
    await phone.addLine(0, { product: "Entero", quantity: "600", price: "1,234" });
    await page.getByText("= S/ 1,234.00").waitFor();
    await phone.save("Guardar venta");
    const sheet = page.getByRole("dialog", { name: "¿Está bien escrito?" });
    await sheet.getByText("¿600 kg de Pollo Entero?").waitFor();
    await sheet.getByText(/Escribiste «1,234»/).waitFor();
    await sheet.getByText(/El precio de lista es/).waitFor();
    await phone.picture("cantidad-preguntada");
    await sheet.getByRole("button", { name: "Corregir" }).click();
    await phone.heading("Nueva venta").waitFor();
    await page.locator("#price-0").fill("12,34");
    await phone.save("Guardar venta");
    assert.equal(await sheet.getByRole("listitem").count(), 1);
    await sheet.getByRole("button", { name: "Sí, está bien" }).click();
    const large = await admin.one("sales", (one) => one.items[0].quantity === "600.000");
    assert.equal(large.totalAmount, "7404.00");
  });
});

test("tara_is_subtracted_and_the_weighing_of_the_calculator_is_used_once", async () => {
  const { admin, seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    await phone.open("/calculadora");
    await page.getByLabel("Kilos en balanza").fill("2,350");
    await page.getByLabel("Tara").fill("0,150");
    await page.getByLabel(/Precio/).fill("11,20");
    await page.getByText("24.64").first().waitFor();
    await phone.picture("calculadora-con-coma");
    await page.getByText("Usar en venta").click();
    const picker = page.getByRole("dialog", { name: "Elegir producto" });
    await picker.waitFor();
    assert.equal(new URL(page.url()).search, "");
    await picker.getByRole("button", { name: PIECES }).first().click();
    await picker.waitFor({ state: "detached" });
    assert.equal(await page.locator("#quantity-0").inputValue(), "");
    await page.getByText("Pesada: 2.2 kg a S/ 11.20.").waitFor();
    await phone.picture("pesada-por-usar");
    await page.getByRole("button", { name: /^Quitar Huevo/ }).click();

    // The reload keeps the draft, and the weighing goes to one product only.
    await page.reload();
    await picker.getByRole("button", { name: "Entero" }).first().click();
    await page.getByText(/^Pesada:/).waitFor({ state: "detached" });
    assert.equal(await page.locator("#quantity-0").inputValue(), "2.35");
    await page.reload();
    await page.locator("#quantity-0").waitFor();
    assert.equal(await picker.count(), 0);
    await phone.addLine(1, { product: "Pechuga", quantity: "10,5", price: "10" });
    await page.locator("#tara-1").fill("11");
    await page.getByText("La tara debe ser menor que el peso.").waitFor();
    await page.locator("#tara-1").fill("0,5");
    await phone.picture("venta-con-tara");
    await phone.save("Guardar venta");
    const sale = await admin.one("sales", (one) => one.items.length === 2);
    assert.deepEqual(
      [sale.tara, sale.netWeight, sale.totalAmount, ...sale.items.map((item) => item.quantity)],
      ["0.650", "12.200", "124.64", "2.200", "10.000"],
    );

    await page.getByText("12.85 kg").waitFor();
    await phone.picture("venta-bruto-tara-neto");
    await page.getByRole("button", { name: "Compartir recibo" }).click();
    await page.getByText("Peso bruto: 12.85 kg Tara: 0.65 kg Peso neto: 12.2 kg").waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    await phone.picture("recibo-bruto-tara-neto-oscuro");
    await page.keyboard.press("Escape");

    // A correction subtracts nothing again.
    await page.getByText("Corregir", { exact: true }).click();
    assert.equal(await page.locator("#quantity-0").inputValue(), "2.2");
    await page.locator("#price-1").fill("11");
    await phone.save("Guardar venta");
    await until("the corrected sale", async () => {
      const corrected = await admin.one("sales", (one) => one.id === sale.id);
      return corrected.totalAmount === "134.64" && corrected.tara === "0.650";
    });
    await phone.open("/calculadora");
    assert.equal(await page.getByLabel("Kilos en balanza").inputValue(), "");
  });
});

const PIECES = "Plancha";
