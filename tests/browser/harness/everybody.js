// What a screen must be for everybody: axe-core has nothing to complain of, in light and in dark, and
// nothing is reached by scrolling to the side. Every screen and every sheet, for whoever walks them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { npm } from "./places.js";
import { until } from "./wait.js";

const axe = readFileSync(npm.resolve("axe-core/axe.min.js"), "utf8");

const SCREENS = ["/", "/calculadora", "/ventas", "/ventas/nueva", "/clientes", "/clientes/nuevo",
  "/clientes/importar", "/cierre", "/catalogo", "/distribuciones", "/distribuciones/nueva",
  "/equipo", "/reportes", "/sincronizacion", "/cuenta", "/mas", "/cierres", "/no-existe",
  "/ventas/{sale}", "/ventas/{sale}/editar", "/clientes/{customer}", "/clientes/{customer}/editar",
  "/clientes/{customer}/abono", "/abonos/{abono}", "/distribuciones/{load}", "/distribuciones/{load}/editar"];
/** Where a sheet opens, and by which button. */
const SHEETS = [["/catalogo", /^Editar /], ["/catalogo", /^Nuevo producto/], ["/catalogo", /^Agregar presentación/],
  ["/cierres", /^Cerrar un día/], ["/cierres", /^Corregir el cierre/], ["/equipo", /^Nueva persona/], ["/equipo", /^Opciones de/],
  ["/ventas/nueva", /^Agregar producto/], ["/ventas/nueva", /Cambiar/], ["/clientes/{customer}", /^Estado de cuenta/]];

/**
 * Opens every screen of an administrator that `fits` and hands its name to `check`; `ids` names a
 * record of each kind: sale, customer, load, abono.
 */
export async function everyScreen(phone, ids, check, fits = () => true) {
  for (const screen of SCREENS.filter(fits)) {
    await shown(phone, screen, ids);
    await noWider(phone, screen);
    await check(screen === "/" ? "inicio" : screen);
  }
}

/** The same for every sheet. */
export async function everySheet(phone, ids, check, fits = () => true) {
  for (const [screen, opener] of SHEETS.filter(([screen]) => fits(screen))) {
    await shown(phone, screen, ids);
    await phone.page.getByRole("button", { name: opener }).first().click();
    const sheet = phone.page.getByRole("dialog");
    await sheet.waitFor();
    await check(`hoja ${opener.source}`);
    await sheet.getByRole("button", { name: "Cerrar", exact: true }).click();
  }
}

/** Opens a screen and waits for what it shows. */
async function shown(phone, screen, ids) {
  await phone.open(screen.replace(/\{(\w+)\}/, (_, kind) => ids[kind]));
  await settledScreen(phone);
}

export async function settledScreen(phone) {
  await phone.page.getByRole("heading", { level: 1 }).waitFor();
  await until("the screen to be filled", async () =>
    (await phone.page.getByRole("status", { name: "Cargando" }).count()) === 0,
  );
}

/** What axe finds on the present screen, in light and in dark; a picture of each is kept. */
export async function violations(phone, name) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await phone.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const result = await phone.page.evaluate(async (source) => {
      if (!window.axe) (0, eval)(source);
      return window.axe.run(document, { resultTypes: ["violations"] });
    }, axe);
    for (const one of result.violations) {
      const where = one.nodes.map((node) => `${node.target} ${node.failureSummary ?? ""}`).slice(0, 3);
      found.push(`${name} in ${colorScheme}: ${one.id}: ${one.help}\n    ${where.join("\n    ")}`);
    }
    await phone.picture(`pantalla-${name.replaceAll(/[^a-z0-9]+/gi, "-")}-${colorScheme}`);
  }
  await phone.page.emulateMedia({ colorScheme: "light" });
  return found;
}

/** Nothing is reached by scrolling to the side. */
async function noWider(phone, path) {
  const [wide, seen] = await phone.page.evaluate(() =>
    [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= seen, `${path} is ${wide} px wide on a screen of ${seen}`);
}
