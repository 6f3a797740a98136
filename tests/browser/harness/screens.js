// The screens as a seller uses them: by what he reads on them, never by how they are made.

import { until } from "./wait.js";

export class Screens {
  constructor(page) {
    this.page = page;
  }

  /** The badge of the phone, as "3 pendientes"; it stands on the first screen. */
  async word() {
    // Its name is its word, which is what is asked for.
    const badge = this.page.locator("button.sync-status").first();
    if ((await badge.count()) === 0) await this.open("/");
    return badge.innerText();
  }

  /** Waits until the badge of the phone says this. */
  async says(word, within) {
    await until(`the badge to say ${word}`, async () => {
      const said = await this.word();
      if (said !== word && !(word instanceof RegExp && word.test(said))) throw new Error(said);
      return true;
    }, within);
  }

  heading(name) {
    return this.page.getByRole("heading", { name, level: 1, exact: true });
  }

  /** Goes to a screen as its link does, without loading the page anew. */
  async open(path) {
    await this.page.evaluate((path) => {
      history.pushState(null, "", path);
      dispatchEvent(new PopStateEvent("popstate"));
    }, path);
  }

  async tab(name) {
    await this.page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name, exact: true }).click();
  }

  async login(email, password) {
    await this.page.getByLabel("Correo").fill(email);
    await this.page.getByLabel("Contraseña").fill(password);
    await this.page.getByRole("button", { name: "Entrar", exact: true }).click();
    await this.page.getByRole("navigation", { name: "Principal" }).waitFor();
  }

  /** Fills in the form of a customer and saves it; answers the id in the address. */
  async newCustomer(fields) {
    await this.open("/clientes/nuevo");
    await this.heading("Nuevo cliente").waitFor();
    await this.#fill(fields);
    await this.save("Guardar cliente");
    await this.heading("Nuevo cliente").waitFor({ state: "detached" });
    return this.id("clientes");
  }

  /** Changes fields of a customer. */
  async editCustomer(id, fields) {
    await this.open(`/clientes/${id}/editar`);
    await this.heading("Editar cliente").waitFor();
    await this.#fill(fields);
    await this.save("Guardar cliente");
    await this.heading("Editar cliente").waitFor({ state: "detached" });
  }

  async #fill(fields) {
    for (const [label, value] of Object.entries(fields)) {
      await this.page.getByRole("textbox", { name: label, exact: true }).fill(value);
    }
  }

  /**
   * A sale: `lines` are `{product, quantity, price?}`, `customer` a name, `paid` makes it a
   * credit. Answers the id in the address.
   */
  async newSale({ customer, lines, paid, customerId }) {
    await this.open(customerId ? `/ventas/nueva?cliente=${customerId}` : "/ventas/nueva");
    await this.heading("Nueva venta").waitFor();
    if (customer) await this.pickCustomer(customer);
    for (const [at, line] of lines.entries()) await this.addLine(at, line);
    if (paid !== undefined) {
      await this.page.getByRole("radio", { name: "Crédito" }).click();
      await this.page.getByLabel("Paga ahora").fill(paid);
    }
    await this.save("Guardar venta");
    const anyway = this.page.getByRole("button", { name: "Guardar de todos modos" });
    await until("the sale to be saved", async () => {
      if (await anyway.isVisible()) await anyway.click();
      return (await this.heading("Nueva venta").count()) === 0;
    });
    return this.id("ventas");
  }

  async pickCustomer(name) {
    await this.page.getByRole("button", { name: /Cambiar/ }).click();
    const sheet = this.page.getByRole("dialog", { name: "Elegir cliente" });
    await sheet.getByRole("searchbox").fill(name);
    await sheet.getByRole("listitem").getByRole("button", { name }).first().click();
    await sheet.waitFor({ state: "detached" });
  }

  async addLine(at, { product, quantity, price }) {
    await this.page.getByRole("button", { name: "Agregar producto" }).first().click();
    const sheet = this.page.getByRole("dialog", { name: "Elegir producto" });
    await sheet.getByRole("button", { name: product }).first().click();
    await sheet.waitFor({ state: "detached" });
    await this.page.locator(`#quantity-${at}`).fill(quantity);
    if (price) await this.page.locator(`#price-${at}`).fill(price);
  }

  /** A payment of a customer's debt. */
  async newAbono(customer, amount, method = "Efectivo") {
    await this.open(`/clientes/${customer}/abono`);
    await this.heading("Registrar abono").waitFor();
    await this.page.getByLabel("Monto", { exact: true }).fill(amount);
    await this.page.getByRole("radio", { name: method }).click();
    await this.save("Guardar abono");
    await this.heading("Registrar abono").waitFor({ state: "detached" });
  }

  async save(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Answers the question of a sheet with its button of this name. */
  async confirm(name) {
    const sheet = this.page.getByRole("dialog");
    await sheet.getByRole("button", { name, exact: true }).click();
    await sheet.waitFor({ state: "detached" });
  }

  /** The id that the address names, once the screen is one of `folder`. */
  async id(folder) {
    const form = new RegExp(`^/${folder}/([^/]+)$`);
    return until(`an address of ${folder}`, () => {
      const found = form.exec(new URL(this.page.url()).pathname);
      return found && found[1] !== "nueva" && found[1] !== "nuevo" && decodeURIComponent(found[1]);
    });
  }

  /** The card of a customer or sale in a list. */
  card(text) {
    return this.page.getByRole("listitem").filter({ hasText: text }).first();
  }

  /** Synchronises until a screen shows what another phone has done. */
  async learns(path, what) {
    await until(`${path} to show what was done elsewhere`, async () => {
      await this.synchronise();
      await this.open(path);
      await what().waitFor({ timeout: 1_500 });
      return true;
    });
  }

  /** The button that asks for a cycle at once, on the screen of the queue. */
  async synchronise() {
    await this.open("/sincronizacion");
    await this.page.getByRole("button", { name: "Sincronizar", exact: true }).first().click();
  }
}
