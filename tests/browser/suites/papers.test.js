// What goes in and out as files, on paper and to support: CSV, receipts, diagnostics.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { creditSale, operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

/** Presses the button and gives back the lines of the file that comes. */
async function downloaded(phone, button, name) {
  const [download] = await Promise.all([
    phone.page.waitForEvent("download"),
    phone.page.getByRole("button", { name: button }).click(),
  ]);
  assert.equal(download.suggestedFilename(), name);
  const text = readFileSync(await download.path(), "utf8");
  assert.ok(text.startsWith("\ufeff"), "a byte order mark, so that á stays á");
  return text.slice(1).trimEnd().split("\r\n");
}

test("customers_come_from_a_spreadsheet_with_what_they_owe", async () => {
  const { admin } = await business(here);
  await withPhones([admin], async (phone) => {
    await phone.open("/clientes/importar");
    const sheet = "Nombre;DNI;Teléfono;Saldo Inicial\r\n\"Quispe, Rosa\";12345678;987654321;\"1,250.50\"\r\n" +
      "Ana Ñahui;;;-20\r\nBodega mala;;;mucho\r\n;;;5\r\n";
    await phone.page.getByLabel("Elegir archivo CSV").setInputFiles({
      name: "clientes.csv", mimeType: "text/csv", buffer: Buffer.from(sheet),
    });
    await phone.page.getByText("Fila 4: saldo inicial").waitFor();
    await phone.page.getByText("Fila 5: falta el nombre").waitFor();
    await phone.picture("import");
    await phone.save("Importar 2 clientes");
    await phone.page.getByText("4 leídos, 2 guardados, 2 por corregir").waitFor();
    await phone.page.getByText("Fila 4: saldo inicial").waitFor();
    await phone.page.getByRole("link", { name: "Ver clientes" }).click();
    await phone.card("Quispe, Rosa").getByText("1,250.50").waitFor();
    await phone.settled();
    const rosa = await admin.one("customers", (one) => one.name === "Quispe, Rosa");
    assert.deepEqual([rosa.dni, rosa.phone, rosa.saldoInicial], ["12345678", "987654321", "1250.50"]);
    const ana = await admin.one("customers", (one) => one.name === "Ana Ñahui");
    assert.equal(ana.saldoInicial, "-20.00");
    assert.equal((await admin.all("customers")).length, 2);
  });
});

test("files_of_a_spanish_spreadsheet_are_read_as_they_were_meant_and_only_once", async () => {
  const { admin } = await business(here);
  await withPhones([admin], async (phone) => {
    const { page } = phone;
    const choose = async (buffer) => {
      await phone.open("/clientes");
      await phone.open("/clientes/importar");
      await page.getByLabel("Elegir archivo CSV").setInputFiles({ name: "clientes.csv", mimeType: "text/csv", buffer });
    };
    const names = async () => (await admin.all("customers")).map((one) => one.name).sort();

    // "CSV" of Excel: Windows-1252, whose bytes are Latin-1's for these letters.
    const latin = "Lista de clientes\r\nnombre;teléfono;dirección;zona\r\nPérez Ñahui;987654321;Jr. Unión;Norte\r\n";
    await choose(Buffer.from(latin, "latin1"));
    await page.getByText("No se usan las columnas: zona").waitFor();
    await page.getByText("Fila 3 · 987654321 · Jr. Unión").waitFor();
    // A double tap imports once.
    await page.getByRole("button", { name: "Importar 1 cliente" }).dblclick();
    await page.getByText("1 leídos, 1 guardados").waitFor();

    // A zero that was eaten, a RUC that was rounded, and the one from before again, in UTF-16.
    const damaged = "nombre\tdni\tdeuda\nUno\t8123456\t\nDos\t2.06E+10\t\nTres\t12345678\t-15,00\nperez nahui\t\t\n";
    await choose(Buffer.from("\ufeff" + damaged, "utf16le"));
    await page.getByText("Fila 3: el DNI o RUC «2.06E+10»").waitFor();
    await page.getByText("DNI 08123456 (se agregó el 0)").waitFor();
    await page.getByText("Ya está: Pérez Ñahui").waitFor();
    await phone.picture("import-previa");
    await page.emulateMedia({ colorScheme: "dark" });
    await phone.picture("import-previa-oscuro");
    await page.emulateMedia({ colorScheme: null });
    await phone.save("Importar 2 clientes");
    await page.getByText("4 leídos, 2 guardados, 1 sin importar, 1 por corregir").waitFor();
    await page.getByText("Fila 3: el DNI o RUC «2.06E+10»").waitFor();
    await phone.picture("import-final");
    const lines = await downloaded(phone, "Filas por corregir", "por-corregir.csv");
    assert.match(lines[1], /^"Dos","2\.06E\+10","","el DNI o RUC/);

    // The same file again doubles nobody.
    await choose(Buffer.from("\ufeff" + damaged, "utf16le"));
    await page.getByText("Ya están: 3").waitFor();
    assert.ok(await page.getByRole("button", { name: "Importar 0 clientes" }).isDisabled());

    const quote = "nombre,direccion\nAna,Jr. 5\" tubo\nEva,x\nLuz,y\n";
    await choose(Buffer.from(quote));
    await phone.save("Importar 3 clientes");
    await page.getByText("3 leídos, 3 guardados").waitFor();
    await phone.settled();
    assert.deepEqual(await names(), ["Ana", "Eva", "Luz", "Pérez Ñahui", "Tres", "Uno"]);
    const uno = await admin.one("customers", (one) => one.name === "Uno");
    assert.equal(uno.dni, "08123456");
  });
});

test("sales_debts_and_closings_leave_as_files_that_a_spreadsheet_reads", async () => {
  const { admin, seller, goods } = await business(here);
  const customer = randomUUID();
  await seller.push([
    operation("customers", "insert", customer, { name: "=SUMA(A1) \"Ñ\"", phone: "+51 987" }),
    operation("sales", "insert", randomUUID(), creditSale(customer, goods.pollo, "7.500", "84.00", "20.00")),
  ]);
  const today = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);
  await seller.call("POST", "/closings", { closingDate: today, cashCounted: "15.00" });
  await withPhones([admin], async (phone) => {
    await phone.open("/reportes");
    await phone.page.getByText("S/ 64.00").first().waitFor();
    const sales = await downloaded(phone, "Ventas (CSV)", "ventas.csv");
    assert.equal(sales.length, 2);
    assert.match(sales[0], /^"fecha","cliente","tipo","total","pagado","abonado","debe","vendedor"/);
    assert.match(sales[1], /"'=SUMA\(A1\) ""Ñ""","credito","84\.00","20\.00","0\.00","64\.00","[^"]+"$/);
    const debts = await downloaded(phone, "Deudas (CSV)", "deudas.csv");
    assert.equal(debts[0], '"cliente","telefono","deuda"');
    assert.equal(debts[1], "\"'=SUMA(A1) \"\"Ñ\"\"\",\"'+51 987\",\"64.00\"");
    const closings = await downloaded(phone, "Cierres (CSV)", "cierres.csv");
    assert.equal(closings.length, 2);
    const [names, values] = closings.map((line) => line.slice(1, -1).split('","'));
    const closing = Object.fromEntries(names.map((name, at) => [name, values[at]]));
    assert.equal(closing.closingDate ?? closing.fecha, today);
    assert.ok(values.includes("84.00") && values.includes("15.00") && values.includes("-5.00"), closings[1]);
  });
});

test("a_deleted_customer_owes_on_the_phone_what_he_owes_on_the_server", async () => {
  const { admin, seller, goods } = await business(here);
  const [gone, other] = [randomUUID(), randomUUID()];
  const owes = (clientId) => operation("sales", "insert", randomUUID(), creditSale(clientId, goods.pollo, "7.500", "84.00", "20.00"));
  await admin.push([
    operation("customers", "insert", gone, { name: "Rosa Quispe", saldoInicial: "100.00" }),
    operation("customers", "insert", other, { name: "Bodega Ñusta", saldoInicial: "10.00" }),
    owes(gone), owes(other),
    operation("abonos", "insert", randomUUID(), { clientId: gone, amount: "14.00", paymentMethod: "yape" }),
  ]);
  await admin.push([operation("customers", "delete", gone, {}, { baseVersion: 1 })]);
  const report = await seller.call("GET", "/reports/accounts-receivable");
  assert.deepEqual([report.total, report.customers[0].debt], ["224.00", "150.00"]);
  await withPhones([admin], async (phone) => {
    const debtors = phone.page.getByRole("list", { name: "Deudores" }).getByRole("listitem");
    const shown = async () => (await debtors.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());
    const shows = (...expected) => until(`${expected}`, async () => {
      const now = await shown();
      if (now.join() !== expected.join()) throw new Error(now.join());
      return true;
    });
    const note = phone.page.getByText("no se cuenta el saldo inicial de clientes eliminados");
    await phone.open("/reportes");
    await shows("Rosa Quispe S/ 150.00", "Bodega Ñusta S/ 74.00");
    await phone.page.getByText("S/ 224.00", { exact: true }).waitFor();
    assert.equal(await note.count(), 0);
    await phone.picture("deudores-con-eliminado");
    const debts = await downloaded(phone, "Deudas (CSV)", "deudas.csv");
    assert.equal(debts[1], '"Rosa Quispe","","150.00"');

    // Without a network the phone says what it does not know.
    await phone.offline();
    await phone.open("/clientes");
    await phone.heading("Clientes").waitFor();
    await phone.open("/reportes");
    await shows("Bodega Ñusta S/ 74.00", "Cliente eliminado S/ 50.00");
    await note.waitFor();
  });
});

test("a_receipt_stands_alone_on_paper", async () => {
  const { seller, goods } = await business(here);
  const [customer, sale] = [randomUUID(), randomUUID()];
  await seller.push([
    operation("customers", "insert", customer, { name: "Rosa Quispe" }),
    operation("sales", "insert", sale, creditSale(customer, goods.pollo, "7.500", "84.00", "20.00")),
  ]);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    await phone.open(`/ventas/${sale}`);
    await page.getByRole("button", { name: "Compartir recibo" }).click();
    const receipt = page.locator(".receipt");
    await receipt.waitFor();
    await page.evaluate(() => (globalThis.print = () => (globalThis.printed = document.querySelector(".receipt").innerText)));
    await page.getByRole("button", { name: "Imprimir" }).click();
    // Within an amount no line breaks.
    const printed = (await page.evaluate(() => globalThis.printed)).replaceAll("\u00a0", " ");
    for (const words of ["Recibo de venta", "Cliente: Rosa Quispe", "Total: S/ 84.00", "Queda debiendo: S/ 64.00"]) {
      assert.ok(printed.includes(words), `${words} in ${printed}`);
    }
    await page.emulateMedia({ media: "print" });
    assert.ok(await receipt.isVisible(), "the receipt is on the paper");
    assert.equal(await page.getByRole("navigation", { name: "Principal" }).isVisible(), false);
    assert.equal(await page.getByRole("button", { name: "Imprimir" }).isVisible(), false);
    await phone.picture("receipt-on-paper");
    await page.emulateMedia({ media: null });
  });
});

test("a_sale_that_abonos_have_covered_owes_nothing_and_the_statement_is_true_tomorrow", async () => {
  const { seller, goods } = await business(here);
  const [customer, first, second] = [randomUUID(), randomUUID(), randomUUID()];
  const sale = (id, day, quantity, total, paid) => operation("sales", "insert", id,
    { ...creditSale(customer, goods.pollo, quantity, total, paid), saleDate: day });
  const before = (days) => new Date(Date.now() - days * 86_400_000).toISOString();
  await seller.push([
    operation("customers", "insert", customer, { name: "Doña Lucía" }),
    sale(second, before(0), "7.500", "84.00", "20.00"),
    sale(first, before(1), "1.000", "11.20", "0.00"),
  ]);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    const plain = async (locator) => (await locator.innerText()).replaceAll("\u00a0", " ");
    const statement = async () => {
      await page.getByRole("button", { name: "Estado de cuenta" }).click();
      const text = await plain(page.locator(".receipt"));
      await phone.picture("estado-de-cuenta");
      await page.keyboard.press("Escape");
      return text;
    };
    // S/ 20.00 cover the older sale and part of the later one.
    await phone.newAbono(customer, "20.00", "Yape");
    await phone.open(`/clientes/${customer}`);
    await phone.card("Debe S/ 55.20").waitFor();
    await phone.card("Crédito pagado").waitFor();
    await phone.picture("historial-de-cliente");
    const text = await statement();
    assert.doesNotMatch(text, /Hoy|Ayer/);
    assert.match(text, /Emitido: \S+ \d+ \S+ \d{4}, \d\d:\d\d\nCliente: Doña Lucía\nSaldo por pagar: S\/ 55\.20/);
    assert.match(text, /\d{4}, \d\d:\d\d · Venta al crédito S\/ 11\.20\n.*: 1 × S\/ 11\.20 = S\/ 11\.20\n.*\(ya pagado\)\n  Saldo: S\/ 11\.20\n/);
    assert.match(text, /Pagó S\/ 20\.00, quedó a crédito S\/ 64\.00 \(falta S\/ 55\.20\)\n  Saldo: S\/ 75\.20\n/);
    assert.match(text, /Abono S\/ 20\.00 \(yape\)\n  Saldo: S\/ 55\.20$/);

    await phone.open(`/clientes/${customer}/abono`);
    await page.getByRole("button", { name: /Todo/ }).click();
    await phone.save("Guardar abono");
    await phone.heading("Registrar abono").waitFor({ state: "detached" });
    await phone.open("/ventas");
    const sales = page.getByRole("list", { name: "Ventas" });
    await sales.getByText("Crédito pagado").first().waitFor();
    assert.equal(await sales.getByText("Debe").count(), 0);
    await phone.open(`/ventas/${second}`);
    await page.getByText("Pagada", { exact: true }).waitFor();
    assert.equal(await page.getByText("Queda debiendo").count(), 0);
    await phone.picture("venta-pagada");
    await page.getByRole("button", { name: "Compartir recibo" }).click();
    const receipt = await plain(page.locator(".receipt"));
    assert.match(receipt, /Cubierto con abonos: S\/ 64\.00\nQueda debiendo: S\/ 0\.00\nEmitido: /);
  });
});

test("diagnostics_say_what_support_needs_and_nothing_of_anybody", async () => {
  const { admin, seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await phone.offline();
    await phone.newCustomer({ Nombre: "Secreta Persona", Teléfono: "987654321", "DNI o RUC": "12345678" });
    await phone.open("/sincronizacion");
    await phone.save("Copiar diagnóstico");
    await phone.page.getByText("Copiado").waitFor();
    const text = await phone.page.evaluate(() => navigator.clipboard.readText());
    for (const word of ["Avileo ", "pendientes: 1", "cursor: ", "customers insert"]) {
      assert.ok(text.includes(word), `${word} in ${text}`);
    }
    const { user } = seller.session;
    const personal = ["Secreta", "987654321", "12345678", user.name, user.email, user.businessName,
      seller.session.token, admin.email];
    for (const word of personal) assert.ok(!text.includes(word), `${word} in ${text}`);
  });
});
