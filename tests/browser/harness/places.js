// Where things are on this machine, as `cargo xtask test` says by its environment.

import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The project. */
export const repository = resolve(import.meta.dirname, "../../..");

/** Our binaries. */
export const binaries = process.env.AVILEO_BIN_DIR ?? join(repository, "target/debug");

/** The phone's built files. */
export const pages = process.env.AVILEO_PAGES ?? join(repository, "target/pages/phone-dev");

/** Where pictures of screens are kept for whoever wants to look at them. */
export const pictures = process.env.AVILEO_PICTURES;

/** Debian's browser. */
export const chromium = "/usr/bin/chromium";

/** A package from npm, out of the folder where `cargo xtask test` has installed it. */
export const npm = createRequire(join(npmFolder(), "package.json"));

function npmFolder() {
  const folder = process.env.AVILEO_NPM ?? join(repository, "tests/browser");
  if (existsSync(join(folder, "node_modules"))) return folder;
  throw new Error(`${folder} has no node_modules: run the tests by \`cargo xtask test browser\``);
}
