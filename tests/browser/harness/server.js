// The server's truth, read and written through its API, past every lying road.

import { randomUUID } from "node:crypto";

import { until } from "./wait.js";

export const PASSWORD = "clave-segura";

/** Somebody signed in, with nothing but HTTP. */
export class Person {
  static async login(url, email, password = PASSWORD) {
    const person = new Person();
    Object.assign(person, { url, email, password });
    person.session = await person.call("POST", "/auth/login", { email, password });
    return person;
  }

  /** The administrator of a new business. */
  static async register(url, businessName = "Avícola de prueba") {
    const email = `ana-${randomUUID()}@example.pe`;
    const person = new Person();
    Object.assign(person, { url, email, password: PASSWORD });
    const body = { businessName, name: "Ana Torres", email, password: PASSWORD };
    person.session = await person.call("POST", "/auth/register", body);
    return person;
  }

  /** A new seller of the same business. */
  async seller(name = "Luis Rojas", salesPoint = "Carro A") {
    const email = `seller-${randomUUID()}@example.pe`;
    await this.call("POST", "/team", { name, email, password: PASSWORD, role: "VENDEDOR", salesPoint });
    return Person.login(this.url, email);
  }

  get id() {
    return this.session.user.id;
  }

  /** `data` of the answer. */
  async call(method, path, body, headers = {}) {
    const all = { "content-type": "application/json", ...headers };
    if (this.session) all.authorization = `Bearer ${this.session.token}`;
    const answer = await fetch(`${this.url}/api${path}`, {
      method,
      headers: all,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    const said = JSON.parse(text);
    if (!said.success) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return said.data;
  }

  /** Pushes operations, as many as it takes batches; all must succeed. */
  async push(operations) {
    const results = [];
    for (let at = 0; at < operations.length; at += 50) {
      const batch = operations.slice(at, at + 50);
      results.push(...(await this.call("POST", "/sync/batch", { operations: batch })).results);
    }
    const failed = results.find((result) => !result.success);
    if (failed) throw new Error(`refused: ${JSON.stringify(failed)}`);
    return results;
  }

  /** Everything that the business has, by `entity#id`: the snapshot. */
  async records() {
    const records = new Map();
    let query = "";
    do {
      const page = await this.call("GET", `/sync/snapshot${query}`);
      for (const { entity, entityId, record } of page.records) {
        if (record) records.set(`${entity}#${entityId}`, record);
      }
      query = page.nextPart && `?asOf=${page.asOf}&part=${encodeURIComponent(page.nextPart)}`;
    } while (query);
    return records;
  }

  /** Live records of one kind. */
  async all(entity) {
    const records = await this.records();
    return [...records].filter(([key]) => key.startsWith(`${entity}#`)).map(([, record]) => record);
  }

  /** The one live record that fits, once it is in the feed. */
  async one(entity, fits, within) {
    return until(`one of ${entity} on the server`, async () => {
      const found = (await this.all(entity)).filter(fits);
      if (found.length > 1) throw new Error(`doubled: ${JSON.stringify(found)}`);
      return found[0];
    }, within);
  }
}

/** An operation as a phone sends it, done now. */
export function operation(entity, action, entityId, payload, more = {}) {
  const clientTimestamp = new Date().toISOString();
  return { operationId: randomUUID(), entity, action, entityId, payload, clientTimestamp, ...more };
}

/** A catalogue of two products, as a small business has it. */
export async function catalogue(admin) {
  const make = async (name, type, unit, basePrice, variants) => {
    const product = await admin.call("POST", "/products", { name, type, unit, basePrice, isActive: true });
    let sortOrder = 0;
    const operations = variants.map(([variant, price]) =>
      operation("product_variants", "insert", randomUUID(), {
        productId: product.id, name: variant, price, isActive: true, sortOrder: (sortOrder += 1),
      }),
    );
    await admin.push(operations);
    return { product, variants: operations.map((one) => ({ id: one.entityId, ...one.payload })) };
  };
  return {
    pollo: await make("Pollo", "pollo", "kg", "11.20", [["Entero", "11.20"], ["Pechuga", "17.90"]]),
    huevos: await make("Huevos", "huevo", "unidad", "17.50", [["Plancha de 30", "17.50"]]),
  };
}

/** The payload of a credit sale of one line. */
export function creditSale(clientId, { product, variants }, quantity, total, paid = "0.00") {
  const [variant] = variants;
  const item = {
    id: randomUUID(), productId: product.id, variantId: variant.id, productName: product.name,
    variantName: variant.name, quantity, unitPrice: variant.price, subtotal: total,
  };
  const balanceDue = (Number(total) - Number(paid)).toFixed(2);
  return {
    clientId, saleType: "credito", totalAmount: total, amountPaid: paid, balanceDue,
    saleDate: new Date().toISOString(), items: [item],
  };
}
