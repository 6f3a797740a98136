// A business of years: the first load shows how far it is, and the list answers while one types.
//
// How long things take is printed, never judged: a busy machine would fail it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Browser } from "../harness/browser.js";
import { Network } from "../harness/network.js";
import { business, scene } from "../harness/scene.js";
import { Screens } from "../harness/screens.js";
import { creditSale, operation } from "../harness/server.js";
import { longTasks } from "../harness/tasks.js";
import { until } from "../harness/wait.js";

const here = scene();
/** The whole by `cargo xtask soak --only years`; a slice of it otherwise. */
const CUSTOMERS = Number(process.env.AVILEO_CUSTOMERS ?? 150);
const SALES = CUSTOMERS * 4;
/** The sales are of so many days. */
const DAYS = 200;
const DAY_MS = 86_400_000;
/** However long a list is: what some screenfuls hold. */
const ROWS_DRAWN_MAX = 120;
const LOADED_WITHIN_MS = 300_000;

test("a_business_of_years_loads_with_progress_and_answers_while_one_types", async (context) => {
  const { admin, goods } = await business(here);
  const customers = Array.from({ length: CUSTOMERS }, (_, at) =>
    operation("customers", "insert", `c-${at}`, { name: nameOf(at), phone: `9${String(at).padStart(8, "0")}` }));
  await inParallel(admin, customers);
  const sales = Array.from({ length: SALES }, (_, at) =>
    operation("sales", "insert", `s-${at}`, {
      ...creditSale(`c-${at % CUSTOMERS}`, goods.pollo, "1.000", "11.20"),
      saleDate: new Date(Date.now() - (at % DAYS) * DAY_MS).toISOString(),
    }));
  await inParallel(admin, sales);
  await published(admin, customers.length + sales.length);

  const network = await Network.to(here.stack.url);
  const browser = await Browser.open(network);
  try {
    const screens = new Screens(browser.page);
    await watchProgress(browser.page);
    const began = performance.now();
    await browser.page.getByLabel("Correo").fill(admin.email);
    await browser.page.getByLabel("Contraseña").fill(admin.password);
    await browser.page.getByRole("button", { name: "Entrar", exact: true }).click();
    await screens.says("Sincronizado", LOADED_WITHIN_MS);
    const loaded = performance.now() - began;
    const seen = await browser.page.evaluate(() => window.sawProgress);
    assert.ok(seen, "the first load shows its progress");

    await screens.tab("Clientes");
    await browser.page.getByText(`${CUSTOMERS} clientes`).waitFor();
    await browser.picture("muchos-clientes");
    const told = [];
    const measured = async (name, work) => {
      const tasks = await longTasks(browser.page, work);
      told.push(`${name} ${Math.max(0, ...tasks).toFixed(0)} ms (${tasks.length} over 50)`);
    };
    await measured("typing", async () => {
      const search = browser.page.getByRole("searchbox", { name: "Buscar cliente" });
      await search.pressSequentially(nameOf(CUSTOMERS - 1), { delay: 40 });
      await browser.page.getByText("1 cliente", { exact: true }).waitFor();
      await search.fill("");
      await browser.page.getByText(`${CUSTOMERS} clientes`).waitFor();
    });
    const last = Array.from({ length: CUSTOMERS }, (_, at) => nameOf(at)).sort((a, b) => a.localeCompare(b, "es")).at(-1);
    await measured("scrolling", () => scrolled(browser.page, last));
    await screens.tab("Ventas");
    await measured("the week", async () => {
      await browser.page.getByRole("radio", { name: "Semana" }).click();
      const week = Array.from({ length: SALES }, (_, at) => at % DAYS).filter((day) => day < 7).length;
      await browser.page.getByText(`${week} ventas`).waitFor();
    });
    await browser.picture("muchas-ventas");
    await measured("a customer", async () => {
      await screens.open("/clientes/c-1");
      await browser.page.getByRole("list", { name: "Historial" }).waitFor();
    });
    context.diagnostic(`${CUSTOMERS} customers, ${SALES} sales: loaded in ${(loaded / 1000).toFixed(1)} s`);
    context.diagnostic(`longest task: ${told.join(", ")}`);
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    await network.close();
  }
});

function nameOf(at) {
  const first = ["Bodega", "Picantería", "Comedor", "Juguería", "Minimarket"][at % 5];
  return `${first} Ñusta ${String(at).padStart(5, "0")}`;
}

/** To the end of the list by strides, and at once to its top again; few rows are drawn at any time. */
async function scrolled(page, last) {
  const rows = page.getByRole("list", { name: "Clientes" }).getByRole("listitem");
  const few = async () => assert.ok((await rows.count()) <= ROWS_DRAWN_MAX, "too many rows are drawn");
  for (let stride = 0; stride < 20; stride += 1) {
    await page.evaluate(() => window.scrollBy(0, 600));
    await few();
  }
  await until("the last row", async () => {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    return page.getByText(last).isVisible();
  });
  await few();
  await page.evaluate(() => window.scrollTo(0, 0));
  const first = page.getByText(nameOf(0), { exact: true });
  await until("the first row again", async () => (await first.boundingBox())?.y > 0);
  await few();
}

/** Waits for the feed to hold that much; it may take its time, as long as it goes on. */
async function published(admin, changes) {
  for (let seen = 0; seen < changes; ) {
    seen = await until(`the feed to go on from ${seen}`, async () => {
      const { asOf } = await admin.call("GET", "/sync/snapshot");
      const number = Number(asOf.split(".")[1]);
      return number > seen && number;
    }, LOADED_WITHIN_MS);
  }
}

/** Pushes in order of batches, four on the way at a time. */
async function inParallel(person, operations) {
  const batches = [];
  for (let at = 0; at < operations.length; at += 50) batches.push(operations.slice(at, at + 50));
  const lane = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await person.push(batch);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

/** Whether a progress bar is shown at any time from now on. */
function watchProgress(page) {
  return page.evaluate(() => {
    window.sawProgress = false;
    const look = () => (window.sawProgress ||= Boolean(document.querySelector("progress")));
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
}
