// Lighthouse, as a phone: accessibility, best practices and SEO without a fault, performance told.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { chromium, npm } from "../harness/places.js";
import { Phone } from "../harness/phone.js";
import { scene } from "../harness/scene.js";
import { Person } from "../harness/server.js";

const here = scene({ demo: true });
const program = join(dirname(npm.resolve("lighthouse/package.json")), "cli/index.js");
const REPORT_BYTES_MAX = 64 * 1024 * 1024;
const FULL = ["accessibility", "best-practices", "seo"];

test("lighthouse_finds_no_fault_on_a_phone", async (context) => {
  const admin = await Person.login(here.stack.url, "admin@avileo.demo", "avileo-demo");
  const port = await freePort();
  const phone = await Phone.of(admin, { words: [`--remote-debugging-port=${port}`] });
  try {
    const faults = [];
    for (const path of ["/", "/clientes", "/ventas", "/ventas/nueva"]) {
      const { categories, audits } = await lighthouse(phone.network.origin + path, port);
      const score = (name) => Math.round(categories[name].score * 100);
      const all = ["performance", ...FULL].map((name) => `${name} ${score(name)}`);
      context.diagnostic(`${path}: ${all.join(", ")}; size ${audits["total-byte-weight"].displayValue}`);
      for (const name of FULL) {
        const failed = categories[name].auditRefs.filter(({ id, weight }) =>
          weight > 0 && audits[id].score !== null && audits[id].score < 1);
        faults.push(...failed.map(({ id }) => `${path}: ${name}: ${audits[id].title}`));
      }
    }
    assert.deepEqual(faults, []);
  } finally {
    await phone.putAway();
  }
});

/** The report of one page, in the browser that listens at `port`, where somebody has signed in. */
async function lighthouse(url, port) {
  const words = [program, url, `--port=${port}`, "--output=json", "--quiet", "--disable-storage-reset",
    "--disable-full-page-screenshot", "--chrome-flags=--headless"];
  const environment = { ...process.env, CHROME_PATH: chromium };
  const run = promisify(execFile)(process.execPath, words, { env: environment, maxBuffer: REPORT_BYTES_MAX });
  const { stdout } = await run.catch((problem) => {
    throw new Error(`lighthouse ${url}: ${problem.stderr}`);
  });
  return JSON.parse(stdout);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
