// What stands between phone and server, and between app and database, fails: nothing is set aside
// for it, and it is said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fates, pushes } from "../harness/network.js";
import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { until } from "../harness/wait.js";

const here = scene();

test("what_a_proxy_refuses_waits_with_its_reason_and_goes_by_itself_once_it_may", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    for (const name of ["Uno", "Dos", "Tres"]) await phone.newCustomer({ Nombre: `Cliente ${name}` });
    const proxy = phone.network.treat(pushes, fates.proxy(400));
    await phone.online();
    await until("the proxy to have refused the batch and its halves", () => proxy.met >= 3);
    await until("a reason to be stored", async () =>
      (await phone.operations()).some((one) => one.lastError),
    );
    const waiting = await phone.operations();
    assert.deepEqual(waiting.map((one) => one.status), ["pending", "pending", "pending"]);
    await phone.open("/sincronizacion");
    await phone.page.getByText("Algo en la red no dejó pasar el envío").first().waitFor();
    await phone.picture("proxy-sincronizacion");

    // Another network.
    proxy.lift();
    await phone.offline();
    await phone.online();
    await phone.settled();
    assert.equal((await seller.all("customers")).length, 3);
    assert.ok((await phone.operations()).every((one) => one.status === "processed"));
  });
});

test("records_that_cannot_be_read_are_an_error_with_a_way_out_on_every_screen", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const id = await phone.newCustomer({ Nombre: "La de siempre" });
    await phone.settled();
    await phone.page.addInitScript(spoilReads);
    await phone.page.reload();
    const error = phone.page.getByRole("alert").filter({ hasText: "No se pudieron leer los datos" });
    for (const path of ["/", "/clientes", `/clientes/${id}`, "/ventas", "/cierre", "/ventas/nueva"]) {
      await phone.open(path);
      await error.waitFor();
      assert.equal(await phone.page.getByRole("status", { name: "Cargando" }).isVisible(), false, path);
      assert.equal(await phone.page.getByText("0.00").first().isVisible(), false, path);
    }
    await phone.open("/clientes");
    await error.waitFor();
    await phone.picture("sin-lectura");
    // Nothing of the records is on these.
    await phone.open("/calculadora");
    await phone.heading("Calculadora").waitFor();
    assert.equal(await error.count(), 0);

    await phone.open("/clientes");
    await phone.page.evaluate(() => window.mendReads());
    await error.getByRole("button", { name: "Reintentar" }).click();
    await phone.card("La de siempre").waitFor();
    assert.equal(await error.count(), 0);
  });
});

/** In the page: no record can be read until `mendReads()`. */
function spoilReads() {
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
    if ([stores].flat().includes("records") && mode !== "readwrite") {
      throw new DOMException("Connection to Indexed Database server lost", "UnknownError");
    }
    return transaction.call(this, stores, mode, ...rest);
  };
  window.mendReads = () => (IDBDatabase.prototype.transaction = transaction);
}
