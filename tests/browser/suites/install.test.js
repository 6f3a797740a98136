// Installed once: everything that opens the app without a network.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Browser } from "../harness/browser.js";
import { Network, fates } from "../harness/network.js";
import { Stack } from "../harness/stack.js";
import { until } from "../harness/wait.js";

let stack;
let network;
before(async () => {
  stack = await Stack.start();
  network = await Network.to(stack.url);
});
after(async () => {
  await network.close();
  await stack.stop();
});

test("the_page_obeys_a_strict_security_policy", async () => {
  const answer = await fetch(`${network.origin}/clientes/uno`);
  assert.equal(answer.status, 200);
  const page = await answer.text();
  const policy = answer.headers.get("content-security-policy") ?? /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
  assert.match(policy, /default-src 'self'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*/);
  assert.doesNotMatch(page, /<script(?![^>]*src=)/, "no script stands in the page itself");
});

test("the_manifest_makes_it_installable", async () => {
  const answer = await fetch(`${network.origin}/manifest.webmanifest`);
  assert.match(answer.headers.get("content-type"), /manifest\+json/);
  const manifest = await answer.json();
  assert.equal(manifest.display, "standalone");
  assert.ok(manifest.name && manifest.short_name && manifest.start_url);
  const sizes = manifest.icons.map((icon) => `${icon.sizes} ${icon.purpose ?? "any"}`);
  for (const wanted of ["192x192 any", "512x512 any", "512x512 maskable"]) {
    assert.ok(sizes.includes(wanted), `${wanted} of ${sizes}`);
  }
  for (const icon of manifest.icons) {
    const picture = await fetch(network.origin + icon.src);
    assert.equal(picture.status, 200, icon.src);
    assert.match(picture.headers.get("content-type"), /^image\//, icon.src);
  }
});

test("after_one_visit_every_address_opens_without_a_network", async () => {
  const phone = await Browser.open(network);
  try {
    await phone.isKept();
    await phone.offline();
    for (const path of ["/", "/clientes", "/ventas/nueva", "/ventas/no-hay-tal"]) {
      await phone.page.goto(path);
      await until(`${path} offline`, () => phone.page.evaluate(() => !document.querySelector(".launch")));
    }
    assert.deepEqual(phone.complaints, []);
  } finally {
    await phone.close();
  }
});

test("it_opens_while_the_server_is_gone_and_the_phone_thinks_it_is_online", async () => {
  const phone = await Browser.open(network);
  try {
    await phone.isKept();
    await phone.kill();
    await network.down();
    await phone.start("/clientes");
    assert.equal(await phone.page.evaluate(() => navigator.onLine), true);
    await until("the app", () => phone.page.evaluate(() => !document.querySelector(".launch")));
  } finally {
    await network.up();
    await phone.close();
  }
});
