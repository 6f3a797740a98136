// A seller's morning, from login to two phones that show the same, with no network in between and
// the browser killed in the middle of a push.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pushes } from "../harness/network.js";
import { Phone, same, withPhones } from "../harness/phone.js";
import { scene } from "../harness/scene.js";
import { Person } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene({ demo: true });
const DEMO = "avileo-demo";

test("a_morning_without_network_reaches_every_phone_of_the_business", async () => {
  const rosa = await Person.login(here.stack.url, "rosa@avileo.demo", DEMO);
  const admin = await Person.login(here.stack.url, "admin@avileo.demo", DEMO);
  const before = await rosa.records();
  await withPhones([rosa], async (phone) => {
    await phone.picture("inicio");
    await phone.offline();
    await phone.picture("inicio-sin-conexion");

    const customer = await phone.newCustomer({ Nombre: "Juguería La Esquina", Teléfono: "944555666" });
    const weighed = await calculatedSale(phone);
    const credit = await phone.newSale({
      customer: "Juguería La Esquina",
      lines: [{ product: "Entero", quantity: "4.5" }, { product: "Docena", quantity: "3" }],
      paid: "10",
    });
    await phone.picture("venta");
    await phone.newAbono(customer, "25", "Yape");
    await phone.picture("cliente");
    await phone.tab("Ventas");
    await phone.picture("ventas");
    await closeLoad(phone);
    assert.equal((await phone.pending()).length, 5);
    const load = before.get(`distribuciones#${await loadOf(phone, rosa)}`);

    // The battery dies while the push is on its way: the server has it, the phone does not know.
    const onTheWay = phone.network.treat(pushes, { lost: true }, 1);
    await phone.online();
    await until("the push to be on its way", () => onTheWay.met > 0);
    await phone.kill();
    await phone.start("/ventas");
    await phone.settled(60_000);

    const sale = await rosa.one("sales", (one) => one.id === credit);
    assert.equal(sale.totalAmount, "73.80");
    assert.equal(sale.balanceDue, "63.80");
    const cash = await rosa.one("sales", (one) => one.id === weighed);
    assert.equal(cash.totalAmount, "232.00");
    await rosa.one("abonos", (one) => one.clientId === customer && one.amount === "25.00");
    const closed = await rosa.one("distribuciones", (one) => one.id === load.id);
    assert.equal(closed.estado, "cerrado");
    await same("Rosa's phone and the server", () => phone.records(), () => rosa.records());
    const added = [...(await rosa.records()).keys()].filter((key) => !before.has(key));
    assert.equal(added.length, 4, `nothing is doubled: ${added}`);

    // Another phone of the business.
    const other = await Phone.of(admin);
    try {
      await same("both phones", () => phone.records(), () => other.records());
      await other.open(`/clientes/${customer}`);
      await other.page.getByText("S/ 38.80").first().waitFor();
      await other.picture("cliente-otro-telefono");
    } finally {
      await other.putAway();
    }
  });
});

/** A sale that begins in the calculator: 15 kg with half a kilo of tara at 16. */
async function calculatedSale(phone) {
  await phone.open("/calculadora");
  await phone.heading("Calculadora").waitFor();
  await phone.page.getByLabel("Kilos en balanza").fill("15");
  await phone.page.getByLabel("Tara").fill("0.5");
  await phone.page.getByLabel(/Precio/).fill("16");
  await phone.page.getByText("232.00").first().waitFor();
  await phone.picture("calculadora");
  await phone.page.getByText("Usar en venta").click();
  await phone.heading("Nueva venta").waitFor();
  // The weighing is there already; what was weighed is picked.
  const sheet = phone.page.getByRole("dialog", { name: "Elegir producto" });
  await sheet.getByRole("button", { name: "Entero" }).first().click();
  await phone.save("Guardar venta");
  const anyway = phone.page.getByRole("button", { name: "Guardar de todos modos" });
  await until("the sale to be saved", async () => {
    if (await anyway.isVisible()) await anyway.click();
    return (await phone.heading("Nueva venta").count()) === 0;
  });
  return phone.id("ventas");
}

async function loadOf(phone, person) {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Lima" }).format(new Date());
  const records = await phone.records();
  const loads = [...records].filter(([key]) => key.startsWith("distribuciones#"));
  const mine = loads.find(([, one]) => one.vendedorId === person.id && one.fecha === today);
  assert.ok(mine, "the demo business has loaded Rosa today");
  return mine[1].id;
}

/** Closes the load of the day: what came back is weighed. */
async function closeLoad(phone) {
  await phone.open("/cierre");
  await phone.heading("Cierre del día").waitFor();
  await phone.picture("cierre");
  await phone.page.getByLabel("Kilos devueltos").fill("3");
  await phone.save("Cerrar carga");
  await phone.confirm("Cerrar carga");
  await phone.page.getByRole("region", { name: "Carga" }).getByText("Carga cerrada").waitFor();
}
