// A real phone on the same network: HTTPS by an authority of our own, which it is told to trust.

import assert from "node:assert/strict";
import { X509Certificate, createHash } from "node:crypto";
import { request } from "node:https";
import { after, before, test } from "node:test";

import { Browser } from "../harness/browser.js";
import { Stack } from "../harness/stack.js";
import { until } from "../harness/wait.js";

let stack;
let origin;
let plain;
before(async () => {
  stack = await Stack.start({ lan: true });
  [origin] = stack.status.lan;
  plain = origin.replace("https:", "http:");
});
after(async () => stack?.stop());

/** A request that trusts nobody but `ca`. */
function ask(url, ca, headers = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca, headers }, async (answer) => {
      let body = "";
      for await (const part of answer) body += part;
      resolve({ status: answer.statusCode, headers: answer.headers, body });
    });
    asked.on("error", reject);
    asked.end();
  });
}

test("the_plain_address_gives_the_certificate_and_nothing_of_the_app", async () => {
  const welcome = await fetch(plain);
  const text = await welcome.text();
  for (const words of ["Android", "iPhone", "/avileo.crt", origin]) assert.ok(text.includes(words), words);
  const api = await fetch(`${plain}/api/health`);
  assert.match(api.headers.get("content-type"), /text\/html/, "no password ever goes in plain text");
  const given = await fetch(`${plain}/avileo.crt`);
  assert.equal(given.headers.get("content-type"), "application/x-x509-ca-cert");
  const certificate = new X509Certificate(await given.text());
  assert.ok(certificate.ca);
  assert.match(certificate.subject, /Avileo/);
  assert.ok(stack.log().includes("CA certificate") && stack.log().includes(plain), stack.log());
});

test("whoever_trusts_it_gets_page_and_api_and_others_get_nothing", async () => {
  const ca = await (await fetch(`${plain}/avileo.crt`)).text();
  await assert.rejects(ask(origin, undefined), /certificate|self.signed/i);
  const page = await ask(`${origin}/clientes`, ca);
  assert.equal(page.status, 200);
  assert.match(page.headers["content-security-policy"], /script-src 'self' 'wasm-unsafe-eval'/);
  const health = await ask(`${origin}/api/health`, ca);
  assert.deepEqual([health.status, JSON.parse(health.body).success], [200, true]);
  const feed = await ask(`${origin}/api/sync/changes`, ca);
  assert.equal(feed.status, 401, "the edge stands before it here too");
});

test("a_phone_that_trusts_it_installs_the_app", async () => {
  const key = await publicKey(origin);
  const phone = await Browser.open({ origin }, { words: [`--ignore-certificate-errors-spki-list=${key}`] });
  try {
    await phone.page.getByRole("heading", { name: "Entrar a Avileo" }).waitFor();
    assert.equal(await phone.page.evaluate(() => isSecureContext), true);
    await phone.isKept();
    await phone.offline();
    await phone.page.goto("/clientes");
    await until("the app offline", () => phone.page.evaluate(() => !document.querySelector(".launch")));
    await phone.picture("lan");
  } finally {
    await phone.close();
  }
});

/** The hash of the key that the address shows, as Chromium wants it named. */
function publicKey(url) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { rejectUnauthorized: false }, (answer) => {
      const { raw } = answer.socket.getPeerCertificate();
      const key = new X509Certificate(raw).publicKey.export({ type: "spki", format: "der" });
      answer.resume();
      resolve(createHash("sha256").update(key).digest("base64"));
    });
    asked.on("error", reject);
    asked.end();
  });
}
