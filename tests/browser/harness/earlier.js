// The phone of an earlier version of the app, as its build left it: database and localStorage.
//
// What a server gives by chance (ids, tokens, the feed's epoch) stands in the file as `{{name}}`,
// so that a new server's own can take its place. `record.js` makes such a file.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Person, creditSale, operation } from "./server.js";

export const FIXTURES = join(import.meta.dirname, "../fixtures");
const GOODS = {
  product: { id: "pollo" },
  variants: [{ id: "pollo-entero", name: "Entero", price: "11.20" }],
};

/** A business whose feed is the same wherever it is made: what the phone had seen of it. */
export async function business(url) {
  const admin = await Person.register(url);
  const seller = await admin.seller();
  await admin.call("POST", "/products",
    { id: "pollo", name: "Pollo", type: "pollo", unit: "kg", basePrice: "11.20", isActive: true });
  await admin.push([operation("product_variants", "insert", "pollo-entero",
    { productId: "pollo", name: "Entero", price: "11.20", isActive: true, sortOrder: 1 })]);
  await admin.push([operation("customers", "insert", "la-bodega", { name: "Bodega Ñusta", phone: "911111111" })]);
  await seller.push([operation("sales", "insert", "la-venta", creditSale("la-bodega", GOODS, "5.000", "56.00"))]);
  await admin.one("sales", () => true);
  return { admin, seller };
}

/** What stands for `{{name}}` in the world of this seller. */
export async function names(seller) {
  const { user, token, refreshToken } = seller.session;
  const { nextSince } = await seller.call("GET", "/sync/changes");
  return {
    seller: user.id, business: user.businessId, email: user.email, token, refreshToken,
    epoch: nextSince.split(".")[0],
  };
}

/** Everything that the app keeps on this phone, with `names` taken out. */
export async function take(page, names) {
  const { database, storage } = await page.evaluate(dump);
  let text = JSON.stringify({ database, storage }, null, 1);
  for (const [name, value] of Object.entries(names)) text = text.replaceAll(value, `{{${name}}}`);
  return text;
}

/** What a fixture holds, in the world of `names`. */
export function read(file, names) {
  const text = readFileSync(join(FIXTURES, file), "utf8");
  return JSON.parse(text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => names[name]));
}

/** The rows of one store. */
export function rowsOf(kept, store) {
  return kept.database.stores.find(({ name }) => name === store).rows;
}

/** Leaves it on a phone on whose page the app does not run. */
export function put(page, kept) {
  return page.evaluate(restore, kept);
}

/* In the page. */

async function dump() {
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const opened = await answer(indexedDB.open("avileo-sync"));
  const stores = [];
  for (const name of opened.objectStoreNames) {
    const store = opened.transaction(name).objectStore(name);
    const indexes = [...store.indexNames].map((name) => {
      const { keyPath, unique, multiEntry } = store.index(name);
      return { name, keyPath, unique, multiEntry };
    });
    const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
    const rows = keys.map((key, at) => ({ key, value: values[at] }));
    stores.push({ name, keyPath: store.keyPath, indexes, rows });
  }
  const { version } = opened;
  opened.close();
  return { database: { version, stores }, storage: { ...localStorage } };
}

async function restore({ database, storage }) {
  for (const [key, value] of Object.entries(storage)) localStorage.setItem(key, value);
  await new Promise((resolve, reject) => {
    const request = indexedDB.open("avileo-sync", database.version);
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = () => {
      for (const { name, keyPath, indexes, rows } of database.stores) {
        const store = request.result.createObjectStore(name, keyPath === null ? {} : { keyPath });
        for (const { name, keyPath, ...options } of indexes) store.createIndex(name, keyPath, options);
        for (const { key, value } of rows) store.put(value, ...(keyPath === null ? [key] : []));
      }
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}
