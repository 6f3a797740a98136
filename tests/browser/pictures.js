// The pictures of README.md: the demo business on Rosa's phone. Run by `cargo xtask pictures`.

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { Phone } from "./harness/phone.js";
import { repository } from "./harness/places.js";
import { Person } from "./harness/server.js";
import { Stack } from "./harness/stack.js";
import { until } from "./harness/wait.js";

const FOLDER = join(repository, "web/app/pictures");
/** A clone stays small. */
const BYTES_MAX = 150_000;

const stack = await Stack.start({ demo: true });
let phone;
try {
  const rosa = await Person.login(stack.url, "rosa@avileo.demo", "avileo-demo");
  phone = await Phone.of(rosa, { screen: { width: 393, height: 760 } });
  mkdirSync(FOLDER, { recursive: true });
  await take("inicio", "/");
  await phone.open("/ventas/nueva");
  await phone.addLine(0, { product: "Entero", quantity: "7.5" });
  await phone.addLine(1, { product: "Docena", quantity: "2" });
  await take("nueva-venta");
  const debtor = await someDebtor();
  await take("cliente", `/clientes/${debtor}`);
  await phone.offline();
  await phone.newAbono(debtor, "20", "Yape");
  await take("sin-conexion", "/sincronizacion");
} finally {
  await phone?.putAway();
  await stack.stop();
}

/** Keeps what the phone shows, once it is all there. */
async function take(name, path) {
  if (path) await phone.open(path);
  await phone.page.getByRole("heading", { level: 1 }).waitFor();
  const loading = phone.page.getByRole("status", { name: "Cargando" });
  await until("the screen to be filled", async () => (await loading.count()) === 0);
  const file = join(FOLDER, `${name}.png`);
  await phone.page.screenshot({ path: file });
  const { size } = statSync(file);
  if (size > BYTES_MAX) throw new Error(`${file} has ${size} bytes, more than ${BYTES_MAX}`);
  console.log(`${file}: ${size} bytes`);
}

/** The customer who owes most. */
async function someDebtor() {
  const debts = new Map();
  for (const [key, record] of await phone.records()) {
    const owed = key.startsWith("sales#") ? record.balanceDue : key.startsWith("abonos#") ? -record.amount : 0;
    debts.set(record.clientId, (debts.get(record.clientId) ?? 0) + Number(owed));
  }
  debts.delete(undefined);
  return [...debts].sort((one, two) => two[1] - one[1])[0][0];
}
