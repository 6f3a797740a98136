// Makes a fixture: works a morning without a network in the app of an earlier commit, and keeps what
// it has left on the phone. In the folder of this file, after `cargo xtask test browser` has built
// the stack, with the earlier commit checked out anywhere else and built by its own
// `cargo xtask test browser`:
//
//     AVILEO_PAGES=EARLIER/target/pages/phone-dev AVILEO_NPM=… node record.js COMMIT
//
// AVILEO_NPM is the folder of npm packages beside the build cache (`npm-browser`). What it writes
// is `fixtures/COMMIT.json`; `suites/earlier.test.js` takes every file there is.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { FIXTURES, business, names, take } from "./harness/earlier.js";
import { store } from "./harness/database.js";
import { fates, pushes } from "./harness/network.js";
import { Phone } from "./harness/phone.js";
import { Stack } from "./harness/stack.js";
import { until } from "./harness/wait.js";

const ROUNDS = 7;
const [commit] = process.argv.slice(2);
if (!commit) throw new Error("which commit made the pages? node record.js COMMIT");

const stack = await Stack.start();
let phone;
try {
  const { seller } = await business(stack.url);
  phone = await Phone.of(seller);
  await until("the goods", async () => (await phone.records()).size === 4);
  await refused();
  await unanswered();
  await phone.browser.offline(true);
  await morning();
  const given = await names(seller);
  const kept = await take(phone.page, { ...given, ...(await tokens()) });
  mkdirSync(FIXTURES, { recursive: true });
  const file = join(FIXTURES, `${commit}.json`);
  writeFileSync(file, `${kept}\n`);
  console.log(`${file}: ${(await phone.operations()).length} operations`);
} finally {
  await phone?.putAway();
  await stack.stop();
}

/** A customer whom the server has refused, and who waits for his seller. */
async function refused() {
  const nameless = fates.rewritten((body) => {
    for (const one of body.operations) one.payload = { phone: "900000000" };
    return body;
  });
  phone.network.treat(pushes, nameless, 1);
  await phone.newCustomer({ Nombre: "Rechazado una vez" });
  await until("the refusal", async () => (await phone.operations()).some((one) => one.status === "failed"));
}

/** One that was sent, and whose answer never came. */
async function unanswered() {
  phone.network.treat(pushes, fates.loseAnswer, 1);
  await phone.newCustomer({ Nombre: "Enviado sin respuesta" });
  await until("its sending", async () => (await phone.pending()).some((one) => one.sentAt));
}

async function morning() {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const customerId = await phone.newCustomer({ Nombre: `Cliente ${round}`, Teléfono: `98765432${round}` });
    const lines = [{ product: "Entero", quantity: `${round}.125` }];
    await phone.newSale({ customerId, paid: "1.50", lines });
    await phone.newSale({ lines: [{ product: "Entero", quantity: "2", price: "10.90" }] });
    await phone.newAbono(customerId, "2.35", "Yape");
    await phone.newAbono("la-bodega", `${round}`);
  }
  await phone.editCustomer("la-bodega", { Dirección: "Jr. Puno 101" });
}

/** What the phone itself was given when its seller signed in. */
async function tokens() {
  const session = (await store(phone.page, "meta")).find(({ key }) => key[1] === "session");
  const { access, refresh } = JSON.parse(session.value).tokens;
  return { token: access, refreshToken: refresh };
}
