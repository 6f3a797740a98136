// The records of years on one phone: 5,000 customers and 20,000 sales. It opens, it is searched and
// scrolled, a sale is written, and the page is never busy for long; every screen of it is for
// everybody, in light and in dark.
//
// The records are put into its database, without the hour that a server takes to make them; the
// network stays away. How long tasks take is printed, never judged: a busy machine would fail it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Browser } from "../harness/browser.js";
import { business, names, put, read, rowsOf } from "../harness/earlier.js";
import { everyScreen, everySheet, violations } from "../harness/everybody.js";
import { Network, calls, fates } from "../harness/network.js";
import { Phone } from "../harness/phone.js";
import { scene } from "../harness/scene.js";
import { longTasks, tasksSeen, watchTasks } from "../harness/tasks.js";
import { until } from "../harness/wait.js";

const here = scene();
const CUSTOMERS = 5_000;
const SALES = 20_000;
/** The sales are of so many days. */
const DAYS = 200;
const DAY_MS = 86_400_000;
/** However long a list is: what some screenfuls hold. */
const ROWS_DRAWN_MAX = 120;
const LONG_MS = 200;
const OPEN_WITHIN_MS = 120_000;

/** The screens whose size depends on how much there is; all by `cargo xtask soak --only years`. */
const LONGEST = ["/", "/ventas", "/ventas/nueva", "/clientes", "/clientes/{customer}", "/reportes"];
const fits = (screen) => process.env.AVILEO_EVERY_SCREEN === "1" || LONGEST.includes(screen);

test("a_phone_with_the_records_of_years_answers_while_one_types_and_scrolls", async (context) => {
  const { seller } = await business(here.stack.url);
  await withYears(seller, (kept) => fill(kept, seller.id), {}, async (phone) => {
    const { page } = phone;
    phone.network.treat(calls, fates.unavailable(600));
    const began = performance.now();
    await page.goto("/clientes");
    const everybody = page.getByText(`${CUSTOMERS} clientes`);
    await everybody.waitFor({ timeout: OPEN_WITHIN_MS });
    context.diagnostic(`opened in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const measured = async (what, work) => {
      const tasks = await longTasks(page, work);
      const long = tasks.filter((task) => task > LONG_MS).length;
      context.diagnostic(`${what}: longest task ${Math.max(0, ...tasks).toFixed(0)} ms, over ${LONG_MS} ms: ${long}`);
    };
    await measured("typing", async () => {
      const search = page.getByRole("searchbox", { name: "Buscar cliente" });
      await search.pressSequentially(nameOf(CUSTOMERS - 1), { delay: 40 });
      await page.getByText("1 cliente", { exact: true }).waitFor();
      await search.fill("");
      await everybody.waitFor();
    });
    await measured("scrolling", () => scrolled(page));
    await measured("the week's sales", async () => {
      await phone.tab("Ventas");
      await page.getByRole("radio", { name: "Semana" }).click();
      await page.getByText(`${(SALES / DAYS) * 7} ventas`).waitFor();
    });
    await measured("a sale", async () => {
      await phone.newSale({ customerId: "c-1", lines: [{ product: "Entero", quantity: "3" }] });
    });
  });
});

test("no_screen_with_the_records_of_years_has_a_violation", async (context) => {
  const { admin } = await business(here.stack.url);
  const years = (kept) => {
    fill(kept, admin.id);
    ofAdministrator(kept, admin.id);
    inTrouble(kept, admin.id);
  };
  await withYears(admin, years, { bypassCSP: true }, async (phone) => {
    // The rest of the API is there: the team is read of it.
    phone.network.treat((request) => request.path.startsWith("/api/sync/"), fates.unavailable(600));
    await phone.page.goto("/clientes");
    await phone.page.getByText(`${CUSTOMERS} clientes`).waitFor({ timeout: OPEN_WITHIN_MS });
    const found = [];
    const busy = [];
    const check = async (name) => {
      const longest = Math.max(0, ...(await tasksSeen(phone.page)));
      if (longest > LONG_MS) busy.push(`${name} ${longest.toFixed(0)} ms`);
      found.push(...(await violations(phone, `años-${name}`)));
      await watchTasks(phone.page);
    };
    const ids = { sale: "s-refused", customer: "c-1", load: "carga", abono: "abono" };
    await watchTasks(phone.page);
    await everyScreen(phone, ids, check, fits);
    await everySheet(phone, ids, check, fits);
    context.diagnostic(`opened with a task over ${LONG_MS} ms: ${busy.join(", ") || "none"}`);
    assert.equal(found.length, 0, found.join("\n"));
  });
});

/** A phone of `person` whose database `change` has filled before the app opens it. */
async function withYears(person, change, options, work) {
  const kept = read("9bd62c6.json", await names(person));
  change(kept);
  const network = await Network.to(here.stack.url);
  const browser = await Browser.open(network, { path: "/robots.txt", ...options });
  try {
    await put(browser.page, kept);
    await work(Object.assign(new Phone(browser.page), { browser, network, person }));
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    await network.close();
  }
}

/** Puts the years in the place of the morning that the fixture was made of. */
function fill(kept, seller) {
  rowsOf(kept, "operations").length = 0;
  const rows = rowsOf(kept, "records");
  const goods = rows.filter(({ key }) => key[2].startsWith("product"));
  rows.splice(0, rows.length, ...goods);
  const add = adding(kept, seller);
  for (let one = 0; one < CUSTOMERS; one += 1) {
    add("customers", `c-${one}`, { name: nameOf(one), phone: `9${String(one).padStart(8, "0")}` });
  }
  for (let one = 0; one < SALES; one += 1) {
    const day = new Date(Date.now() - (one % DAYS) * DAY_MS).toISOString();
    add("sales", `s-${one}`, { ...sale(one, `c-${one % CUSTOMERS}`, day), sellerId: seller });
  }
}

/** What only an administrator's screens show one of: a load, an abono, a closing. */
function ofAdministrator(kept, admin) {
  const session = rowsOf(kept, "meta").find(({ key }) => key[1] === "session");
  session.value = session.value.replace("VENDEDOR", "ADMIN_NEGOCIO");
  const add = adding(kept, admin);
  const today = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10);
  add("distribuciones", "carga", {
    vendedorId: admin, puntoVenta: "Carro A", fecha: today, estado: "en_ruta", modo: "acumulativo",
    confiarEnVendedor: false, pesoConfirmado: true, kilosAsignados: "40.000",
    items: [{ variantId: "pollo-entero", cantidadAsignada: "40.000", unidad: "kg" }],
  });
  add("abonos", "abono", { clientId: "c-1", sellerId: admin, amount: "5.00", paymentMethod: "yape" });
  add("closings", "cierre", {
    sellerId: admin, closingDate: today, totalSales: 3, totalAmount: "33.60", cashAmount: "0.00",
    creditAmount: "33.60", totalKilos: "3.000", cashCounted: "10.00", cashDifference: "10.00",
    paymentsByMethod: { efectivo: "0.00", yape: "5.00", plin: "0.00", transferencia: "0.00" },
  });
}

/** A customer who has lost a value against another phone, and two operations of his: one refused, one waiting. */
function inTrouble(kept, user) {
  const rows = rowsOf(kept, "records");
  const { value } = rows.find(({ key }) => key[3] === "c-1");
  const lostAt = new Date().toISOString();
  const conflicts = [{ field: "phone", kept: "900000001", lost: "933333333", lostBy: user, lostAt }];
  value.record = JSON.stringify({ ...JSON.parse(value.record), conflicts });
  const at = new Date().toISOString();
  const operation = (sequence, entity, entityId, data, more) => {
    const id = `operation-${sequence}`;
    const value = {
      id, sequence, entity, operation: "insert", entityId, data, timestamp: at, status: "pending", retryCount: 0,
      lastError: null, createdAt: at, updatedAt: at, nextRetryAt: null, sentAt: null, deviceId: "este-telefono",
      manualRetries: 0, account: { business: rows[0].key[0], user }, ...more,
    };
    rowsOf(kept, "operations").push({ key: id, value });
  };
  const refused = { status: "failed", sentAt: at, code: "invalid_payload", lastError: "El total no es la suma de las líneas." };
  operation(39, "sales", "s-refused", sale("refused", "c-1", at), refused);
  operation(40, "abonos", "abono-pendiente", { clientId: "c-1", amount: "2.00", paymentMethod: "efectivo" });
}

/** Adds a synced record that `user` made. */
function adding(kept, user) {
  const rows = rowsOf(kept, "records");
  const [business, generation] = rows[0].key;
  const at = new Date().toISOString();
  return (entity, id, fields) => {
    const record = { id, businessId: business, version: 1, createdAt: at, updatedAt: at, createdBy: user, updatedBy: user, ...fields };
    rows.push({ key: [business, generation, entity, id], value: { version: 1, record: JSON.stringify(record) } });
  };
}

function sale(name, clientId, saleDate) {
  const item = { id: `i-${name}`, productId: "pollo", variantId: "pollo-entero", productName: "Pollo",
    variantName: "Entero", quantity: "1.000", unitPrice: "11.20", subtotal: "11.20" };
  return { clientId, saleType: "credito", totalAmount: "11.20", amountPaid: "0.00", balanceDue: "11.20", items: [item], saleDate };
}

function nameOf(at) {
  const first = ["Bodega", "Picantería", "Comedor", "Juguería", "Minimarket"][at % 5];
  return `${first} Ñusta ${String(at).padStart(5, "0")}`;
}

/** To the end of the list by strides, and at once to its top again; few rows are drawn at any time. */
async function scrolled(page) {
  const rows = page.getByRole("list", { name: "Clientes" }).getByRole("listitem");
  const few = async () => assert.ok((await rows.count()) <= ROWS_DRAWN_MAX, "too many rows are drawn");
  for (let stride = 0; stride < 40; stride += 1) {
    await page.evaluate(() => window.scrollBy(0, 700));
    await few();
  }
  await until("the last row", async () => {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    return page.getByText(nameOf(CUSTOMERS - 4)).isVisible();
  });
  await few();
  await page.evaluate(() => window.scrollTo(0, 0));
  await until("the first rows again", () => page.getByText(nameOf(0)).isVisible());
  await few();
}
