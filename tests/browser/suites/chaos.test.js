// Four phones under chaos: seeded taps over all screens, roads that lie, browsers that are killed;
// then quiet, and everything that was ever saved is everywhere, once, and no console complained.
//
// Half a minute here; `cargo xtask soak --only browsers` goes on for ten. AVILEO_SEED gives the
// taps of a run again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { calls, fates, pulls, pushes } from "../harness/network.js";
import { Phone, same } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { Person } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();
const MINUTES = Number(process.env.AVILEO_MINUTES ?? 0.5);
const SEED = Number(process.env.AVILEO_SEED ?? 1);
/** After the chaos: what waits longest is a phone's pause after many failures. */
const QUIET_WITHIN_MS = 120_000;
const SCREENS = ["/", "/calculadora", "/ventas", "/clientes", "/cierre", "/catalogo", "/sincronizacion",
  "/cuenta", "/mas", "/reportes", "/distribuciones", "/equipo", "/clientes/nuevo", "/no-existe"];
/** What writes or leaves a draft, leaves the app, or leaves the person locked out: that is for taps that are counted. */
const UNTOUCHED = /Guardar|Usar en venta|Eliminar|Descartar|Cancelar|Salir|Cerrar|PIN|Bloquear|WhatsApp|Imprimir|Cambiar contraseña|Desactivar|Quitar|Restaurar/;

test("four_phones_under_chaos_end_equal", { timeout: (MINUTES + 5) * 60_000 }, async (context) => {
  const { admin, seller } = await business(here);
  const other = await admin.seller("Rosa Quispe", "Carro B");
  const again = await Person.login(here.stack.url, seller.email);
  const people = [admin, seller, other, again];
  const phones = [];
  try {
    for (const person of people) phones.push(await Phone.of(person));
    const ends = performance.now() + MINUTES * 60_000;
    const saved = { customers: new Set(), sales: new Set(), abonos: 0 };
    const done = {};
    await Promise.all(phones.map((phone, at) => live(phone, dice(SEED * 100 + at), ends, saved, done)));
    context.diagnostic(`seed ${SEED}, ${MINUTES} minutes: ${JSON.stringify(done)}`);

    for (const phone of phones) {
      phone.network.calm();
      await phone.online();
      await phone.synchronise();
    }
    for (const phone of phones) await phone.settled(QUIET_WITHIN_MS);
    const truth = () => admin.records();
    for (const phone of phones) {
      await phone.synchronise();
      await same("a phone and the server", () => phone.records(), truth);
    }
    const keys = new Set((await truth()).keys());
    for (const id of saved.customers) assert.ok(keys.has(`customers#${id}`), `customer ${id} is lost`);
    for (const id of saved.sales) assert.ok(keys.has(`sales#${id}`), `sale ${id} is lost`);
    const count = (entity) => [...keys].filter((key) => key.startsWith(`${entity}#`)).length;
    assert.equal(count("sales"), saved.sales.size, "no sale is doubled");
    assert.equal(count("customers"), saved.customers.size, "no customer is doubled");
    assert.equal(count("abonos"), saved.abonos, "no abono is lost or doubled");
    for (const phone of phones) assert.deepEqual(phone.browser.complaints, []);
  } catch (problem) {
    for (const [at, phone] of phones.entries()) await phone.picture(`chaos-${at}`).catch(() => {});
    throw problem;
  } finally {
    for (const phone of phones) await phone.putAway();
  }
});

/** One seller's taps until the time is up. */
async function live(phone, roll, ends, saved, done) {
  const own = [];
  const lies = [
    [pushes, fates.loseAnswer], [pushes, fates.dieHalfWay], [pulls, fates.dieHalfWay],
    [calls, fates.serverError], [calls, fates.captivePortal], [pushes, fates.unavailable(2)],
    [pushes, fates.unauthorized], [pushes, fates.hang],
  ];
  const taps = {
    customer: async () => {
      const id = await phone.newCustomer({ Nombre: `Cliente ${roll(1e9)}`, Teléfono: `9${roll(1e8)}` });
      saved.customers.add(id);
      own.push(id);
    },
    sale: async () => {
      const lines = [{ product: "Entero", quantity: String(1 + roll(9)) }];
      const customerId = own.length ? own[roll(own.length)] : undefined;
      saved.sales.add(await phone.newSale({ lines, customerId, paid: customerId ? "1" : undefined }));
    },
    abono: async () => {
      if (own.length === 0) return;
      await phone.newAbono(own[roll(own.length)], String(1 + roll(5)));
      saved.abonos += 1;
    },
    edit: async () => {
      if (own.length) await phone.editCustomer(own[roll(own.length)], { Dirección: `Jr. ${roll(1e6)}` });
    },
    look: async () => {
      await phone.open(SCREENS[roll(SCREENS.length)]);
      await phone.page.getByRole("heading", { level: 1 }).waitFor();
    },
    poke: async () => {
      await phone.open(SCREENS[roll(SCREENS.length)]);
      await phone.page.getByRole("heading", { level: 1 }).waitFor();
      const shown = await phone.page.locator("main button, main a").all();
      const one = shown[roll(shown.length || 1)];
      const name = await one?.evaluate((node) => node.ariaLabel ?? node.innerText).catch(() => null);
      // What has gone again, or lies under something else, nobody can tap.
      if (name && !UNTOUCHED.test(name)) await one.click({ timeout: 1_000 }).catch(() => {});
    },
    lie: async () => {
      const [matches, fate] = lies[roll(lies.length)];
      phone.network.treat(matches, fate, 1 + roll(3));
    },
    calm: async () => phone.network.calm(),
    airplane: () => phone.browser.offline(true),
    signal: () => phone.online(),
    battery: async () => {
      await phone.kill();
      await phone.start("/");
      await phone.page.getByRole("navigation", { name: "Principal" }).waitFor();
    },
    synchronise: () => phone.synchronise(),
  };
  const names = ["customer", "customer", "sale", "sale", "sale", "abono", "edit", "look", "poke", "poke", "lie",
    "calm", "airplane", "signal", "signal", "battery", "synchronise"];
  while (performance.now() < ends) {
    const name = names[roll(names.length)];
    await taps[name]();
    done[name] = (done[name] ?? 0) + 1;
  }
  await until("the last tap's screen", () => phone.page.getByRole("heading", { level: 1 }).isVisible());
}

/** Numbers below a bound, the same ones for the same seed (mulberry32). */
function dice(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
