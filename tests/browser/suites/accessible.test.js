// Every screen for everybody: axe-core finds nothing to complain of, in light and in dark, with
// data on it, with sheets open, with cards that failed or lost against another phone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { everyScreen, everySheet, settledScreen, violations } from "../harness/everybody.js";
import { fates, pushes } from "../harness/network.js";
import { Phone, withPhones } from "../harness/phone.js";
import { scene } from "../harness/scene.js";
import { operation, Person } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene({ demo: true });
const DEMO = "avileo-demo";
const TODAY = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);

/** A narrow phone, and a desktop: what is comfortable on both fits between them too. */
const NARROW = { bypassCSP: true, screen: { width: 360, height: 740 } };
const WIDE = { bypassCSP: true, screen: { width: 1280, height: 800 } };
const sizes = { estrecha: NARROW, ancha: WIDE };

for (const [size, options] of Object.entries(sizes)) {
  test(`no_screen_of_an_administrator_has_a_violation_${size}`, () => asAdministrator(options, size));
}

/** Rosa's day is closed, so that there is a closing to look at. */
let closed;
function closing() {
  return (closed ??= Person.login(here.stack.url, "rosa@avileo.demo", DEMO)
    .then((rosa) => rosa.call("POST", "/closings", { closingDate: TODAY, cashCounted: "100.00" })));
}

async function asAdministrator(options, size) {
  const admin = await Person.login(here.stack.url, "admin@avileo.demo", DEMO);
  const { id } = await closing();
  await admin.one("closings", (one) => one.id === id);
  await withPhones([admin], async (phone) => {
    const found = [];
    const check = async (name) => found.push(...(await violations(phone, `${size}-${name}`)));
    const records = await phone.records();
    const first = (entity) => [...records.keys()].find((key) => key.startsWith(`${entity}#`)).split("#")[1];
    const ids = {
      sale: first("sales"), customer: first("customers"), load: first("distribuciones"), abono: first("abonos"),
    };
    await everyScreen(phone, ids, check);
    await everySheet(phone, ids, check);
    assert.equal(found.length, 0, found.join("\n"));
  }, options);
}

test("no_card_in_trouble_has_a_violation", async () => {
  const rosa = await Person.login(here.stack.url, "rosa@avileo.demo", DEMO);
  await withPhones([rosa], async (phone) => {
    const found = [];
    const check = async (name) => found.push(...(await violations(phone, name)));
    const customer = await inTrouble(phone, rosa);
    await check("cliente con error y conflicto");
    await refusedAbono(phone, customer);
    await check("abono rechazado");
    await phone.open("/clientes");
    await settledScreen(phone);
    await check("lista con error");
    await phone.open("/sincronizacion");
    await settledScreen(phone);
    await check("cola con error");
    // The badge says the error, which comes before everything else.
    await phone.browser.offline();
    await phone.newCustomer({ Nombre: "Cliente pendiente" });
    await phone.open("/");
    await settledScreen(phone);
    await check("inicio sin conexion");
    await phone.open(`/clientes/${customer}`);
    await phone.page.getByRole("button", { name: "Estado de cuenta" }).click();
    await phone.page.getByRole("dialog").waitFor();
    await check("hoja de estado de cuenta");
    assert.equal(found.length, 0, found.join("\n"));
  }, NARROW);
});

test("the_first_screen_has_no_violation_and_is_worked_by_keyboard_alone", async () => {
  const rosa = await Person.login(here.stack.url, "rosa@avileo.demo", DEMO);
  const phone = await Phone.of(rosa, NARROW);
  try {
    await phone.open("/cuenta");
    await phone.page.getByRole("button", { name: /Salir|Cerrar sesión/ }).click();
    const sure = phone.page.getByRole("dialog").getByRole("button", { name: /Salir|Cerrar sesión/ });
    await until("the form to sign in", async () => {
      if (await sure.isVisible()) await sure.click();
      return phone.page.getByLabel("Correo").isVisible();
    });
    const found = await violations(phone, "entrar");
    await phone.page.getByRole("button", { name: "Crear un negocio" }).click();
    await phone.page.getByLabel("Nombre del negocio").waitFor();
    found.push(...(await violations(phone, "crear un negocio")));
    assert.equal(found.length, 0, found.join("\n"));
    await phone.page.getByRole("button", { name: "Ya tengo una cuenta" }).click();
    await phone.page.getByLabel("Correo").fill("");
    await phone.page.getByLabel("Correo").focus();
    await phone.page.keyboard.type(rosa.email);
    await phone.page.keyboard.press("Tab");
    await phone.page.keyboard.type(DEMO);
    await phone.page.keyboard.press("Enter");
    await phone.page.getByRole("navigation", { name: "Principal" }).waitFor();
  } finally {
    await phone.putAway();
  }
});

/** A customer whose last change failed, and who has lost a value against another phone. */
async function inTrouble(phone, person) {
  const id = "cliente-en-apuros";
  await person.push([operation("customers", "insert", id, { name: "Cliente en apuros", phone: "911111111" })]);
  await until("the customer", async () => {
    await phone.synchronise();
    return (await phone.records()).has(`customers#${id}`);
  });
  await phone.offline();
  await phone.editCustomer(id, { Teléfono: "922222222" });
  const meanwhile = { phone: "933333333" };
  await person.push([operation("customers", "update", id, meanwhile, { baseVersion: 1, deviceId: "otro" })]);
  await phone.online();
  await phone.synchronise();
  await phone.settled();
  const refused = phone.network.treat(pushes, fates.rewritten((body) => {
    for (const one of body.operations) one.payload.dni = "123";
    return body;
  }), 1);
  await phone.editCustomer(id, { Nota: "Paga los lunes" });
  await until("the refusal", () => refused.met > 0);
  await phone.says("Error de sincronización");
  await phone.open(`/clientes/${id}`);
  await phone.page.getByRole("region", { name: "Conflictos" }).waitFor();
  return id;
}

/** An abono that the server has refused, in the form where it is corrected. */
async function refusedAbono(phone, customer) {
  const refused = phone.network.treat(pushes, fates.rewritten((body) => {
    for (const one of body.operations) if (one.entity === "abonos") one.payload.amount = "-1";
    return body;
  }));
  await phone.newAbono(customer, "5");
  await phone.synchronise();
  await until("the refusal", async () =>
    (await phone.operations()).some((one) => one.entity === "abonos" && one.status === "failed"));
  refused.lift();
  const abono = (await phone.operations()).find((one) => one.entity === "abonos").entityId;
  await phone.open(`/abonos/${abono}`);
  await phone.heading("Corregir abono").waitFor();
  await settledScreen(phone);
}
