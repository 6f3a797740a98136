// Who may open the phone: a new business, the PIN, passwords, sessions, the team.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Browser } from "../harness/browser.js";
import { Network } from "../harness/network.js";
import { Phone, withPhones } from "../harness/phone.js";
import { business, scene } from "../harness/scene.js";
import { Person } from "../harness/server.js";
import { until } from "../harness/wait.js";

const here = scene();

test("a_new_business_is_made_on_the_first_screen", async () => {
  const network = await Network.to(here.stack.url);
  const browser = await Browser.open(network);
  try {
    const { page } = browser;
    const phone = new Phone(page);
    phone.browser = browser;
    await page.getByRole("button", { name: "Crear un negocio" }).click();
    await page.getByRole("button", { name: "Crear negocio" }).click();
    await page.getByText("Completa los cuatro datos.").waitFor();
    const email = `nueva-${randomUUID()}@example.pe`;
    await page.getByLabel("Nombre del negocio").fill("Avícola Nueva");
    await page.getByLabel("Tu nombre").fill("Carmen Díaz");
    await page.getByLabel("Correo").fill(email);
    await page.getByLabel("Contraseña").fill("corta");
    await page.getByRole("button", { name: "Crear negocio" }).click();
    await page.getByText("de 8 a 128 caracteres").waitFor();
    await phone.picture("register");
    await page.getByLabel("Contraseña").fill("clave-segura");
    await page.getByRole("button", { name: "Crear negocio" }).click();
    await phone.heading("Hola, Carmen").waitFor();
    await phone.says("Sincronizado");
    const carmen = await Person.login(here.stack.url, email);
    assert.equal(carmen.session.user.businessName, "Avícola Nueva");
    assert.equal(carmen.session.user.role, "ADMIN_NEGOCIO");
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    await network.close();
  }
});

test("a_pin_hides_the_screen_until_it_is_typed_and_the_password_opens_it_too", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    await phone.open("/cuenta");
    // The card on the screen before has the same name.
    const asked = page.locator("#unlock");
    await page.getByLabel("PIN nuevo").fill("12");
    await phone.save("Guardar PIN");
    await page.getByRole("alert").first().waitFor();
    await page.getByLabel("PIN nuevo").fill("2580");
    await phone.save("Guardar PIN");
    await page.getByText("PIN guardado").waitFor();

    await page.goto("/clientes");
    await asked.waitFor();
    await phone.picture("pin");
    assert.equal(await page.getByRole("navigation", { name: "Principal" }).count(), 0);
    const unlock = async (pin) => {
      await asked.fill(pin);
      await page.getByRole("button", { name: "Abrir" }).click();
    };
    await unlock("1111");
    await page.getByText("Ese no es el PIN.").waitFor();
    await unlock("2580");
    await phone.heading("Clientes").waitFor();

    // Forgotten: the password opens, and the PIN can be taken away.
    await page.reload();
    await page.getByRole("button", { name: "Entrar con contraseña" }).click();
    await phone.login(seller.email, seller.password);
    await phone.open("/cuenta");
    await phone.save("Quitar PIN");
    await page.getByText("PIN quitado").waitFor();
    await page.reload();
    await phone.heading("Cuenta").waitFor();

    // Guessed at: after five wrong ones only the password is left.
    await page.getByLabel("PIN nuevo").fill("2580");
    await phone.save("Guardar PIN");
    await page.getByText("PIN guardado").waitFor();
    await phone.save("Bloquear ahora");
    for (const guess of ["0000", "1111", "2222", "3333", "4444"]) {
      await asked.waitFor();
      await unlock(guess);
      // In one look: the fifth guess takes the field away.
      await until("the guess to be judged", () => page.evaluate(() =>
        (document.querySelector("#unlock")?.value ?? "") === ""));
    }
    await page.getByRole("heading", { name: "Entrar a Avileo" }).waitFor();
  });
});

test("a_password_is_changed_and_the_old_one_opens_nothing", async () => {
  const { seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    await phone.open("/cuenta");
    await page.getByLabel("Contraseña actual").fill("no-es-esta");
    await page.getByLabel("Contraseña nueva").fill("otra-clave-segura");
    await phone.save("Cambiar contraseña");
    await page.getByRole("alert").first().waitFor();
    await page.getByLabel("Contraseña actual").fill(seller.password);
    await phone.save("Cambiar contraseña");
    await page.getByText("Contraseña cambiada").waitFor();
    await assert.rejects(Person.login(here.stack.url, seller.email), /invalid_credentials/);
    await Person.login(here.stack.url, seller.email, "otra-clave-segura");
    await phone.newCustomer({ Nombre: "Después del cambio" });
    await phone.settled();
  });
});

test("a_lost_phone_is_signed_out_from_another", async () => {
  const { seller } = await business(here);
  await withPhones([seller, seller], async (phone, lost) => {
    await phone.open("/cuenta");
    const sessions = phone.page.getByRole("region", { name: "Sesiones" });
    await sessions.getByText("Este teléfono").waitFor();
    await sessions.scrollIntoViewIfNeeded();
    await phone.picture("sessions");
    // The test's own session, and the lost phone's.
    const others = sessions.getByRole("button", { name: "Cerrar" });
    for (let left = await others.count(); left > 0; left -= 1) {
      await others.first().click();
      await until("one session less", async () => (await others.count()) < left);
    }
    // Its access token lives on for a while; then it is asked for the password, and keeps its queue.
    const expired = lost.network.treat((one) => one.path.startsWith("/api/sync"), {
      answer: { status: 401, headers: { "content-type": "application/json" },
        body: JSON.stringify({ success: false, error: { code: "token_expired", message: "La sesión venció." } }) },
    });
    await lost.newCustomer({ Nombre: "Escrito en el perdido" });
    await lost.page.getByRole("heading", { name: "Tu sesión terminó" }).waitFor();
    await lost.picture("session-ended");
    assert.equal((await lost.pending()).length, 1);
    expired.lift();
    await lost.page.getByLabel("Contraseña").fill(seller.password);
    await lost.page.getByRole("button", { name: "Continuar" }).click();
    await lost.settled();
  });
});

test("an_administrator_adds_resets_and_deactivates_and_the_seller_sees_it", async () => {
  const { admin } = await business(here);
  const email = `marta-${randomUUID()}@example.pe`;
  await withPhones([admin], async (phone) => {
    const { page } = phone;
    await phone.open("/equipo");
    await page.getByRole("button", { name: "Nueva persona" }).click();
    const sheet = page.getByRole("dialog", { name: "Nueva persona" });
    await sheet.getByLabel("Nombre").fill("Marta Ríos");
    await sheet.getByLabel("Correo").fill(email);
    await sheet.getByLabel("Contraseña").fill("primera-clave");
    await sheet.getByLabel("Punto de venta").fill("Carro C");
    await sheet.getByRole("button", { name: "Agregar" }).click();
    await phone.card("Marta Ríos").waitFor();
    await phone.picture("team");
    await Person.login(here.stack.url, email, "primera-clave");

    await page.getByRole("button", { name: "Opciones de Marta Ríos" }).click();
    const options = page.getByRole("dialog", { name: "Marta Ríos" });
    await options.getByLabel("Contraseña nueva").fill("segunda-clave");
    await options.getByRole("button", { name: "Cambiar contraseña" }).click();
    await options.waitFor({ state: "detached" });
    await assert.rejects(Person.login(here.stack.url, email, "primera-clave"), /invalid_credentials/);
    const marta = await Person.login(here.stack.url, email, "segunda-clave");

    await withPhones([marta], async (hers) => {
      await hers.offline();
      await hers.newCustomer({ Nombre: "Antes de irse" });
      await page.getByRole("button", { name: "Opciones de Marta Ríos" }).click();
      await options.getByRole("button", { name: "Desactivar" }).click();
      const question = page.getByRole("dialog", { name: "¿Desactivar a Marta Ríos?" });
      await question.getByRole("button", { name: "Desactivar" }).click();
      await phone.card("Marta Ríos").getByText("Desactivado").waitFor();
      await hers.online();
      // What she did before still arrives; what she does now is refused, and told to her.
      await admin.one("customers", (one) => one.name === "Antes de irse", 40_000);
      await hers.open("/clientes/nuevo");
      await hers.page.getByRole("textbox", { name: "Nombre", exact: true }).fill("Después de irse");
      await hers.save("Guardar cliente");
      const said = hers.page.getByRole("alert").first();
      await said.waitFor();
      await hers.picture("deactivated");
      assert.match(await said.innerText(), /permiso|desactiva/);
      assert.ok(!(await hers.operations()).some((one) => one.data.name === "Después de irse"));
    });
    // The password opens a session that only delivers.
    const gone = await Person.login(here.stack.url, email, "segunda-clave");
    assert.equal(gone.session.user.role, "SALIENTE");
  });
});

test("what_was_sold_offline_arrives_after_a_reset_and_a_deactivation", async () => {
  const { admin, seller } = await business(here);
  await withPhones([seller], async (phone) => {
    const { page } = phone;
    await phone.offline();
    await phone.newSale({ lines: [{ product: "Entero", quantity: "1" }] });
    const user = seller.session.user.id;
    await admin.call("POST", `/team/${user}/reset`, { password: "segunda-clave" });
    await admin.call("POST", `/team/${user}/deactivate`, {});
    await phone.online();
    await page.getByRole("heading", { name: "Tu sesión terminó" }).waitFor();
    assert.equal((await phone.pending()).length, 1, "the queue is as it was");
    await page.getByLabel("Contraseña").fill("segunda-clave");
    await page.getByRole("button", { name: "Continuar" }).click();
    await page.getByRole("heading", { name: "Tu usuario está desactivado" }).waitFor();
    await phone.picture("reset-and-deactivated");
    const sale = await admin.one("sales", (one) => one.sellerId === user, 40_000);
    assert.deepEqual(sale.flags, ["departed_seller"]);
  });
});
