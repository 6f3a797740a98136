// What one careless tap may not destroy: each asks first, names what is lost, and what can be undone is.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { creditSale, operation } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

test("a_load_is_closed_with_what_was_weighed_and_after_a_question", async () => {
  const { admin, seller, goods } = await business(here);
  const [variant] = goods.pollo.variants;
  const fecha = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);
  await admin.push([operation("distribuciones", "insert", randomUUID(), {
    vendedorId: seller.id, puntoVenta: "Carro A", fecha, estado: "en_ruta", modo: "libre",
    items: [{ variantId: variant.id, cantidadAsignada: "56.545", unidad: "kg" }],
  })]);
  await admin.one("distribuciones", () => true);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    await phone.open("/cierre");
    const load = phone.page.getByRole("region", { name: "Carga" });
    const field = phone.page.getByLabel("Kilos devueltos");
    await phone.save("Cerrar carga");
    await load.getByText(/Si no queda nada, escribe 0/).waitFor();
    assert.equal((await phone.operations()).length, 0);

    await field.fill("60");
    await phone.save("Cerrar carga");
    await phone.page.getByRole("dialog", { name: "Devuelves 3.455 kg más de lo que queda" }).waitFor();
    await phone.confirm("Volver");
    await field.fill("0");
    await phone.page.getByRole("button", { name: "Cerrar carga" }).dblclick();
    const question = phone.page.getByRole("dialog", { name: "Faltan 56.545 kg. ¿Cerrar la carga?" });
    await question.waitFor();
    await phone.picture("cerrar-carga");
    assert.equal((await phone.operations()).length, 0, "a double tap does not answer the question");
    await phone.confirm("Cerrar carga");
    await load.getByText("Carga cerrada").waitFor();
    assert.equal((await phone.operations())[0].data.kilosDevueltos, "0.000");
  });
});

test("a_waiting_customer_is_given_up_after_a_question_and_put_back_with_the_sale", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    await phone.offline();
    const customer = await phone.newCustomer({ Nombre: "Doña Lucía" });
    const lines = [{ product: "Entero", quantity: "2" }];
    const sale = await phone.newSale({ customer: "Doña Lucía", lines, paid: "0" });
    const queue = async () => (await phone.operations()).map((one) => [one.id, one.status, one.data]);
    const before = await queue();
    await phone.open("/sincronizacion");
    const waiting = phone.page.getByRole("list", { name: "Pendientes" }).getByRole("listitem");
    await waiting.filter({ hasText: "Cliente nuevo: Doña Lucía" })
      .getByRole("button", { name: "Eliminar este cambio" }).dblclick();
    const question = phone.page.getByRole("dialog", { name: "¿Eliminar este cambio?" });
    await question.getByText("Cliente nuevo: Doña Lucía").waitFor();
    await question.getByText("Venta nueva: S/ 22.40, de Doña Lucía").waitFor();
    await phone.picture("eliminar-cambio");
    assert.equal((await phone.pending()).length, 2);
    await phone.confirm("Eliminar este cambio");
    const alert = phone.page.getByRole("group", { name: "No se pudo guardar en el servidor" });
    await alert.getByText("Este cambio no se puede enviar").waitFor();
    await phone.picture("cambio-eliminado");
    await phone.page.getByRole("button", { name: "Deshacer" }).click();
    await until("the queue as before", async () => {
      assert.deepEqual(await queue(), before);
      return true;
    });
    await phone.online();
    await phone.settled();
    const arrived = await seller.one("sales", (one) => one.id === sale);
    assert.equal(arrived.clientId, customer);
  });
});

test("a_customer_who_owes_stays_and_another_can_be_brought_back", async () => {
  const { admin, goods } = await business(here);
  await admin.push([
    operation("customers", "insert", "lucia", { name: "Doña Lucía" }),
    operation("customers", "insert", "rosa", { name: "Rosa Quispe" }),
    operation("sales", "insert", "venta", creditSale("lucia", goods.pollo, "2.000", "22.40")),
  ]);
  await admin.one("sales", () => true);
  await withPhones([admin], async (phone) => {
    await phone.open("/clientes/lucia");
    await phone.save("Eliminar cliente");
    const owes = phone.page.getByRole("dialog", { name: "Doña Lucía debe S/ 22.40" });
    await owes.waitFor();
    await phone.picture("cliente-que-debe");
    await phone.confirm("Volver");

    await phone.open("/ventas/venta");
    await phone.save("Eliminar");
    await phone.page.getByRole("dialog").getByText("Venta de S/ 22.40 · Doña Lucía").waitFor();
    await phone.picture("eliminar-venta");
    await phone.confirm("Volver");

    await phone.open("/clientes/rosa");
    await phone.save("Eliminar cliente");
    await phone.confirm("Eliminar cliente");
    await until("the delete to arrive", async () => !(await admin.records()).has("customers#rosa"));
    await phone.page.getByRole("button", { name: "Deshacer" }).click();
    await until("the customer to be back on the server", async () => {
      if ((await admin.records()).has("customers#rosa")) return true;
      throw new Error(JSON.stringify(await phone.operations()));
    });
    assert.equal((await admin.records()).get("customers#rosa").name, "Rosa Quispe");
  });
});
