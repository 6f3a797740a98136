// What somebody writes to do harm is shown as he wrote it, and does nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Phone, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { creditSale, operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

const SCRIPTS = [
  "<script>window.harmed=1</script>",
  "<img src=x onerror=window.harmed=1>",
  "\"><svg onload=window.harmed=1>",
  "javascript:window.harmed=1",
  "'; DROP TABLE customers; --",
  "{{constructor.constructor('window.harmed=1')()}}",
];

/** What a spreadsheet would run. */
const FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\tcmd", "=HYPERLINK(\"http://x\")"];

test("scripts_in_every_text_are_shown_and_never_run", async () => {
  const { admin, goods } = await business(here);
  const operations = SCRIPTS.flatMap((text, at) => [
    operation("customers", "insert", `malo-${at}`, { name: text, address: text, notes: text, phone: text.slice(0, 40) }),
    operation("sales", "insert", `venta-${at}`, hostileSale(goods, `malo-${at}`, text)),
    operation("abonos", "insert", `abono-${at}`, {
      clientId: `malo-${at}`, amount: "1.00", paymentMethod: "yape", notes: text, referenceNumber: text.slice(0, 50),
    }),
  ]);
  await admin.push(operations);
  await withPhones([admin], async (phone) => {
    await until("all sales", async () => (await phone.records()).has(`sales#venta-${SCRIPTS.length - 1}`));
    for (const [at, text] of SCRIPTS.entries()) {
      await phone.open(`/clientes/malo-${at}`);
      await phone.page.getByText(text, { exact: true }).first().waitFor();
      await phone.page.getByRole("button", { name: "Estado de cuenta" }).click();
      await phone.page.getByRole("dialog").getByRole("button", { name: "Cerrar" }).click();
      await phone.open(`/clientes/malo-${at}/editar`);
      await phone.heading("Editar cliente").waitFor();
      await phone.open(`/ventas/venta-${at}`);
      await phone.page.getByText(text).first().waitFor();
    }
    for (const path of ["/", "/ventas", "/clientes", "/reportes", "/sincronizacion", "/cierre"]) {
      await phone.open(path);
      await phone.page.getByRole("heading", { level: 1 }).waitFor();
    }
    assert.equal(await phone.page.evaluate(() => window.harmed), undefined);
  });
});

test("an_address_with_a_script_opens_nothing", async () => {
  const { admin } = await business(here);
  await withPhones([admin], async (phone) => {
    const script = encodeURIComponent("\"><img src=x onerror=window.harmed=1>");
    for (const path of [
      `/clientes/${script}`, `/ventas/nueva?cliente=${script}`, `/clientes/nuevo?nombre=${script}`,
      `/ventas/nueva?kilos=${script}&precio=${script}&tara=${script}`, `/${script}`, "//example.com/",
      "/%", "/clientes/%E0%A4%A", "/ventas/nueva?kilos=1&precio",
    ]) {
      await phone.page.goto(phone.network.origin + path);
      await phone.page.getByRole("heading", { level: 1 }).waitFor();
      assert.equal(new URL(phone.page.url()).origin, phone.network.origin, path);
    }
    assert.equal(await phone.page.evaluate(() => window.harmed), undefined);
  });
});

test("formulas_in_exports_are_only_text_to_a_spreadsheet", async () => {
  const { admin, goods } = await business(here);
  const operations = FORMULAS.flatMap((text, at) => [
    operation("customers", "insert", `formula-${at}`, { name: `${text}x`, saldoInicial: "10.00" }),
    operation("sales", "insert", `venta-f-${at}`, creditSale(`formula-${at}`, goods.pollo, "1.000", "11.20")),
  ]);
  await admin.push(operations);
  const phone = await Phone.of(admin);
  try {
    await until("all sales", async () => (await phone.records()).has(`sales#venta-f-${FORMULAS.length - 1}`));
    await phone.open("/reportes");
    await phone.heading("Reportes").waitFor();
    await phone.picture("reportes");
    const buttons = await phone.page.getByRole("button", { name: /CSV|Exportar|Descargar|Ventas|Deudas/ }).all();
    assert.ok(buttons.length >= 2, "sales and debts can be exported");
    let rows = 0;
    for (const button of buttons) {
      const waiting = phone.page.waitForEvent("download");
      await button.click();
      const text = readFileSync(await (await waiting).path(), "utf8");
      for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/).slice(1)) {
        rows += 1;
        for (const cell of cells(line)) {
          const isFigure = /^-?\d+(\.\d+)?$/.test(cell);
          assert.ok(isFigure || !/^[=+\-@\t\r]/.test(cell), `${JSON.stringify(cell)} in ${line}`);
        }
      }
    }
    assert.ok(rows >= FORMULAS.length, `${rows} rows`);
  } finally {
    await phone.putAway();
  }
});

/** The cells of a line of CSV. */
function cells(line) {
  const separator = line.includes(";") && !line.includes(",") ? ";" : ",";
  const found = [];
  const form = new RegExp(`(?:^|${separator})(?:"((?:[^"]|"")*)"|([^${separator}]*))`, "g");
  for (const [, quoted, plain] of line.matchAll(form)) found.push(quoted?.replaceAll('""', '"') ?? plain);
  return found;
}

function hostileSale(goods, customer, text) {
  const sale = creditSale(customer, goods.pollo, "1.000", "11.20");
  sale.items[0].productName = text;
  sale.items[0].variantName = text;
  return sale;
}
