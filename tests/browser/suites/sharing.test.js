// A receipt or a statement leaves the phone: by the phone's own means, by copying, on paper.
//
// The share sheet is stubbed: a Chromium without a screen has none. What it is given is looked at.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { creditSale, operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

test("the_receipt_of_a_sale_is_shared_as_the_customer_reads_it", async () => {
  const { admin, seller, goods } = await business(here);
  await customerWithSale(admin, seller, goods);
  await withPhones([seller], async (phone) => {
    await stubShare(phone);
    await opened(phone, "/ventas/venta", "sales#venta");
    await phone.page.getByRole("button", { name: "Compartir recibo" }).click();
    const sheet = phone.page.getByRole("dialog");
    await phone.picture("recibo");
    await sheet.getByRole("button", { name: "Compartir" }).click();
    const given = await until("something to be shared", () => phone.page.evaluate(() => window.given));
    const text = given.text.replaceAll("\u00a0", " ");
    for (const line of ["Avícola de prueba", "Cliente: Rosa Quispe", "Pollo Entero: 2 × S/ 11.20 = S/ 22.40",
      "Total: S/ 22.40", "Pagado: S/ 10.00", "Queda debiendo: S/ 12.40"]) {
      assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
    }
    const link = await sheet.getByRole("link", { name: "WhatsApp" }).getAttribute("href");
    assert.equal(new URL(link).origin, "https://wa.me");
    assert.equal(new URL(link).searchParams.get("text"), given.text);
    await sheet.getByRole("button", { name: "Copiar" }).click();
    await phone.page.getByText("Copiado").waitFor();
    await phone.picture("recibo-copiado");
  });
});

test("a_statement_names_every_sale_and_abono_and_what_is_left", async () => {
  const { admin, seller, goods } = await business(here);
  await customerWithSale(admin, seller, goods);
  await seller.push([operation("abonos", "insert", "abono", { clientId: "rosa", amount: "2.40", paymentMethod: "yape" })]);
  await withPhones([seller], async (phone) => {
    await stubShare(phone);
    await opened(phone, "/clientes/rosa", "abonos#abono");
    await phone.page.getByRole("button", { name: "Estado de cuenta" }).click();
    await phone.page.getByRole("dialog").getByRole("button", { name: "Compartir" }).click();
    const given = await until("something to be shared", () => phone.page.evaluate(() => window.given));
    const text = given.text.replaceAll("\u00a0", " ");
    for (const figure of ["Rosa Quispe", "S/ 22.40", "S/ 2.40", "S/ 15.00"]) {
      assert.ok(text.includes(figure), `${figure} in\n${text}`);
    }
  });
});

test("only_the_receipt_is_printed", async () => {
  const { admin, seller, goods } = await business(here);
  await customerWithSale(admin, seller, goods);
  await withPhones([seller], async (phone) => {
    await phone.page.evaluate(() => (window.print = () => (window.printed = true)));
    await opened(phone, "/ventas/venta", "sales#venta");
    await phone.page.getByRole("button", { name: "Compartir recibo" }).click();
    await phone.page.getByRole("dialog").getByRole("button", { name: "Imprimir" }).click();
    assert.equal(await phone.page.evaluate(() => window.printed), true);
    await phone.page.emulateMedia({ media: "print" });
    await phone.picture("recibo-en-papel");
    const seen = (locator) => locator.isVisible();
    assert.ok(await seen(phone.page.locator(".receipt")));
    const { y } = await phone.page.locator(".receipt").boundingBox();
    assert.ok(y < 120, `the receipt begins at the top of the paper, not at ${y}`);
    assert.equal(await seen(phone.page.getByRole("navigation", { name: "Principal" })), false);
    assert.equal(await seen(phone.page.locator("header.top-bar")), false);
    assert.equal(await seen(phone.page.getByRole("button", { name: "Imprimir" })), false);
    const texts = await phone.page.locator("body").innerText();
    assert.equal(texts.match(/Queda debiendo/g).length, 1, "the screen around it is not on the paper");
  });
});

test("a_browser_that_cannot_share_offers_the_other_ways", async () => {
  const { admin, seller, goods } = await business(here);
  await customerWithSale(admin, seller, goods);
  await withPhones([seller], async (phone) => {
    await phone.page.evaluate(() => delete Navigator.prototype.share);
    await opened(phone, "/ventas/venta", "sales#venta");
    await phone.page.getByRole("button", { name: "Compartir recibo" }).click();
    const sheet = phone.page.getByRole("dialog");
    await sheet.getByRole("button", { name: "Copiar" }).waitFor();
    assert.equal(await sheet.getByRole("button", { name: "Compartir" }).count(), 0);
  });
});

/** Rosa, who owed 5, has bought for 22.40 and paid 10. */
async function customerWithSale(admin, seller, goods) {
  await admin.push([operation("customers", "insert", "rosa", { name: "Rosa Quispe", saldoInicial: "5.00" })]);
  await seller.push([
    operation("sales", "insert", "venta", creditSale("rosa", goods.pollo, "2.000", "22.40", "10.00")),
  ]);
}

/** Keeps what would be shared, and allows copying. */
async function stubShare(phone) {
  await phone.browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await phone.page.evaluate(() => {
    Navigator.prototype.share = async (data) => {
      window.given = { title: data.title, text: data.text };
    };
  });
}

/** Goes to a screen once the phone has the record. */
async function opened(phone, path, record) {
  await until(`${record} on the phone`, async () => {
    if ((await phone.records()).has(record)) return true;
    await phone.synchronise();
    return false;
  });
  await phone.open(path);
}
