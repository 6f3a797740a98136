// The records of years on one phone: 5,000 customers and 20,000 sales. It opens, it is searched and
// scrolled, a sale is written, and the page is never busy for long.
//
// The records are put into its database, without the hour that a server takes to make them; the
// network stays away. How long tasks take is printed, never judged: a busy machine would fail it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Browser } from "../harness/browser.js";
import { business, names, put, read, rowsOf } from "../harness/earlier.js";
import { Network, calls, fates } from "../harness/network.js";
import { scene } from "../harness/scene.js";
import { Screens } from "../harness/screens.js";
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

test("a_phone_with_the_records_of_years_answers_while_one_types_and_scrolls", async (context) => {
  const { seller } = await business(here.stack.url);
  const kept = read("9bd62c6.json", await names(seller));
  fill(kept, seller.id);
  const network = await Network.to(here.stack.url);
  const browser = await Browser.open(network, { path: "/robots.txt" });
  try {
    await put(browser.page, kept);
    network.treat(calls, fates.unavailable(600));
    const { page } = browser;
    const screens = new Screens(page);
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
      await screens.tab("Ventas");
      await page.getByRole("radio", { name: "Semana" }).click();
      await page.getByText(`${(SALES / DAYS) * 7} ventas`).waitFor();
    });
    await measured("a sale", async () => {
      await screens.newSale({ customerId: "c-1", lines: [{ product: "Entero", quantity: "3" }] });
    });
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    await network.close();
  }
});

/** Puts the years in the place of the morning that the fixture was made of. */
function fill(kept, seller) {
  rowsOf(kept, "operations").length = 0;
  const rows = rowsOf(kept, "records");
  const [business, generation] = rows[0].key;
  const goods = rows.filter(({ key }) => key[2].startsWith("product"));
  rows.splice(0, rows.length, ...goods);
  const at = new Date().toISOString();
  const add = (entity, id, fields) => {
    const record = { id, businessId: business, version: 1, createdAt: at, updatedAt: at, createdBy: seller, updatedBy: seller, ...fields };
    rows.push({ key: [business, generation, entity, id], value: { version: 1, record: JSON.stringify(record) } });
  };
  for (let one = 0; one < CUSTOMERS; one += 1) {
    add("customers", `c-${one}`, { name: nameOf(one), phone: `9${String(one).padStart(8, "0")}` });
  }
  for (let one = 0; one < SALES; one += 1) {
    const item = { id: `i-${one}`, productId: "pollo", variantId: "pollo-entero", productName: "Pollo",
      variantName: "Entero", quantity: "1.000", unitPrice: "11.20", subtotal: "11.20" };
    add("sales", `s-${one}`, {
      clientId: `c-${one % CUSTOMERS}`, sellerId: seller, saleType: "credito", totalAmount: "11.20",
      amountPaid: "0.00", balanceDue: "11.20", items: [item],
      saleDate: new Date(Date.now() - (one % DAYS) * DAY_MS).toISOString(),
    });
  }
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

/** Lengths of the tasks over 50 ms that the page had meanwhile. */
async function longTasks(page, work) {
  await page.evaluate(() => {
    window.longTasks = [];
    const observer = new PerformanceObserver((list) =>
      window.longTasks.push(...list.getEntries().map((entry) => entry.duration)));
    observer.observe({ type: "longtask" });
  });
  await work();
  return page.evaluate(() => window.longTasks);
}
