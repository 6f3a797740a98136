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
import { until } from "../harness/wait.js";

const here = scene();
/** The whole by `cargo xtask soak --only years`; a slice of it otherwise. */
const CUSTOMERS = Number(process.env.AVILEO_CUSTOMERS ?? 150);
const SALES = CUSTOMERS * 4;
const LOADED_WITHIN_MS = 120_000;

test("a_business_of_years_loads_with_progress_and_answers_while_one_types", async (context) => {
  const { admin, goods } = await business(here);
  const customers = Array.from({ length: CUSTOMERS }, (_, at) =>
    operation("customers", "insert", `c-${at}`, { name: nameOf(at), phone: `9${String(at).padStart(8, "0")}` }));
  await inParallel(admin, customers);
  const sales = Array.from({ length: SALES }, (_, at) =>
    operation("sales", "insert", `s-${at}`, creditSale(`c-${at % CUSTOMERS}`, goods.pollo, "1.000", "11.20")));
  await inParallel(admin, sales);
  await until("the feed to hold everything", async () => (await admin.records()).has(`sales#s-${SALES - 1}`),
    LOADED_WITHIN_MS);

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
    const tasks = await longTasks(browser.page, async () => {
      const search = browser.page.getByRole("searchbox", { name: "Buscar cliente" });
      await search.pressSequentially(nameOf(CUSTOMERS - 1), { delay: 40 });
      await browser.page.getByText("1 cliente", { exact: true }).waitFor();
      await search.fill("");
      await browser.page.getByText(`${CUSTOMERS} clientes`).waitFor();
    });
    await browser.page.mouse.wheel(0, 4000);
    await screens.tab("Ventas");
    await browser.page.getByRole("radio", { name: "Semana" }).click();
    await browser.page.getByText(`${SALES} ventas`).waitFor();
    context.diagnostic(
      `${CUSTOMERS} customers, ${SALES} sales: loaded in ${(loaded / 1000).toFixed(1)} s; ` +
      `longest task while typing ${Math.max(0, ...tasks).toFixed(0)} ms, over 50 ms: ${tasks.length}`);
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
