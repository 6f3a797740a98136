// What somebody writes to do harm is shown as he wrote it, and does nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { randomUUID } from "node:crypto";

import { Browser } from "../harness/browser.js";
import { fates, Network } from "../harness/network.js";
import { Phone, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { catalogue, creditSale, operation, PASSWORD, Person } from "../harness/server.js";
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

test("a_business_that_is_scripts_all_over_is_shown_and_runs_none", async () => {
  const text = "<img src=x onerror=window.harmed=1>";
  const admin = await Person.register(here.stack.url, text);
  const email = `seller-${randomUUID()}@example.pe`;
  await admin.call("POST", "/team", { name: text, email, password: PASSWORD, role: "VENDEDOR", salesPoint: text });
  const seller = await Person.login(here.stack.url, email);
  const { pollo } = await catalogue(admin);
  const product = await admin.call("POST", "/products", { name: text, type: "pollo", unit: "kg", basePrice: "1.00", isActive: true });
  const today = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);
  await admin.push([
    operation("product_variants", "insert", "v", { productId: product.id, name: text, price: "1.00", isActive: true, sortOrder: 1 }),
    operation("distribuciones", "insert", "carga", {
      vendedorId: seller.id, puntoVenta: text, fecha: today, estado: "activo", modo: "libre",
      items: [{ variantId: pollo.variants[0].id, cantidadAsignada: "5.000", unidad: "kg" }],
    }),
  ]);
  await seller.push([operation("customers", "insert", "c", { name: text })]);
  await seller.push([operation("sales", "insert", "s", { ...hostileSale({ pollo }, "c", text), distribucionId: "carga" })]);
  for (const [person, paths] of [
    [admin, ["/", "/catalogo", "/distribuciones", "/distribuciones/carga", "/distribuciones/nueva", "/equipo",
      "/reportes", "/cuenta", "/mas", "/ventas/s/editar", "/clientes/c/abono", "/cierre"]],
    [seller, ["/", "/ventas", "/ventas/nueva", "/cierre", "/mas", "/cuenta"]],
  ]) {
    await withPhones([person], async (phone) => {
      await until("the sale", async () => (await phone.records()).has("sales#s"));
      let shown = 0;
      for (const path of paths) {
        await phone.open(path);
        await phone.page.getByRole("heading", { level: 1 }).waitFor();
        await until(`${path} filled`, async () =>
          (await phone.page.getByRole("status", { name: "Cargando" }).count()) === 0);
        shown += (await phone.page.locator("body").innerText()).includes(text) ? 1 : 0;
        assert.equal(await phone.page.locator("img[src=x]").count(), 0, path);
      }
      assert.ok(shown >= 4, `shown on ${shown} screens`);
      assert.equal(await phone.page.evaluate(() => window.harmed), undefined);
    });
  }
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

test("no_address_is_sent_elsewhere_by_the_edge", async () => {
  for (const path of ["//example.com/", "//example.com/%2f..", "/\\\\example.com", "/https://example.com",
    "/?next=https://example.com", "/entrar?volver=//example.com", "/%2f%2fexample.com", "/api//example.com"]) {
    const answer = await fetch(here.stack.url + path, { redirect: "manual" });
    assert.equal(answer.headers.get("location"), null, path);
    assert.ok(answer.status < 300 || answer.status >= 400, `${path}: ${answer.status}`);
  }
});

test("what_a_captive_portal_answers_for_files_never_stays_on_the_phone", async () => {
  const network = await Network.to(here.stack.url);
  const phone = await Browser.open(network);
  try {
    await phone.isKept();
    const kept = () => phone.page.evaluate(async () => {
      const found = {};
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          found[`${name} ${new URL(request.url).pathname}`] = await (await cache.match(request)).text();
        }
      }
      return found;
    });
    const before = await kept();
    // A newer version is announced, and every file of it is the portal's page, with 200.
    const worker = await (await fetch(`${network.origin}/service-worker.js`)).text();
    const newer = worker.replace(/const VERSION = "([^"]+)"/, 'const VERSION = "$1-newer"');
    assert.notEqual(newer, worker);
    network.treat(() => true, fates.captivePortal);
    network.treat(({ path }) => path === "/service-worker.js", fates.body(newer, "text/javascript"));
    const outcome = await phone.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const done = new Promise((resolve) => registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker.addEventListener("statechange", () => resolve(worker.state));
      }));
      await registration.update();
      return done;
    });
    assert.equal(outcome, "redundant");
    const now = await kept();
    assert.deepEqual(Object.keys(now).filter((name) => now[name].includes("WiFi")), []);
    for (const [name, text] of Object.entries(before)) assert.equal(now[name], text, name);
    await phone.page.goto("/clientes");
    await phone.page.getByLabel("Correo").waitFor();
  } finally {
    await phone.close();
    await network.close();
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
