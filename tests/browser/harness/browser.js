// One phone: a browser with a profile of its own, that can lose its network, be killed and come back.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium as program, npm, pictures } from "./places.js";
import { operations, synced } from "./database.js";
import { atAPersonsPace } from "./pace.js";
import { until } from "./wait.js";

const { chromium } = npm("playwright-core");

/** As a Pixel 7 shows it. */
const SCREEN = { width: 393, height: 851 };
const WORDS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** Longer than any screen takes on a busy machine. */
const ACTION_WITHIN_MS = 45_000;

export class Browser {
  #profile = mkdtempSync(join(tmpdir(), "avileo-phone-"));
  #options;
  /** What scripts complained of, that nobody foresaw. */
  complaints = [];

  /** Opens the app on the far side of `network`, or what else is at `path`. */
  static async open(network, { path, ...options } = {}) {
    const browser = new Browser();
    browser.network = network;
    browser.#options = options;
    await browser.start(path);
    return browser;
  }

  /** Starts the browser on its profile, and the app at `path`. */
  async start(path = "/") {
    const { colorScheme = "light", bypassCSP = false, screen = SCREEN } = this.#options;
    const desktop = screen.width > 800;
    this.context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: program, headless: true, args: [...WORDS, ...(this.#options.words ?? [])],
      viewport: screen, colorScheme, bypassCSP,
      baseURL: this.network.origin, locale: "es-PE", timezoneId: "America/Lima",
      isMobile: !desktop, hasTouch: !desktop, deviceScaleFactor: this.#options.scale ?? 1,
      reducedMotion: "reduce", acceptDownloads: true,
    });
    this.context.setDefaultTimeout(ACTION_WITHIN_MS);
    this.context.on("page", (page) => this.#listen(page));
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    atAPersonsPace(this.page);
    this.#listen(this.page);
    await this.page.goto(path);
  }

  #listen(page) {
    page.on("pageerror", (problem) => this.complaints.push(String(problem.stack ?? problem)));
    page.on("console", (message) => {
      const text = message.text();
      // The browser's own line for every request that fails: what the tests make happen.
      const isOfNetwork = text.startsWith("Failed to load resource");
      if (message.type() === "error" && !isOfNetwork) this.complaints.push(text);
    });
  }

  /** Another tab of the same phone. */
  async tab(path = "/") {
    const page = await this.context.newPage();
    await page.goto(path);
    return page;
  }

  /** Airplane mode on or off. */
  async offline(is = true) {
    await this.context.setOffline(is);
  }

  /** Ends the browser as an empty battery does. */
  async kill() {
    const gone = new Promise((resolve) => this.context.once("close", resolve));
    for (const pid of this.#processes()) process.kill(pid, "SIGKILL");
    await gone;
    await until("the killed browser to be gone", () => this.#processes().length === 0);
  }

  /** The browser's main process: the one on our profile that is nobody's child of type. */
  #processes() {
    const words = (pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      } catch {
        return [];
      }
    };
    const ours = (pid) => {
      const line = words(pid);
      return line.includes(`--user-data-dir=${this.#profile}`) && !line.some((w) => w.startsWith("--type="));
    };
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && ours(name)).map(Number);
  }

  /** Waits until the service worker holds all files, as it does after one visit. */
  async isKept() {
    await until("the service worker to be active", () =>
      this.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return registration?.active?.state === "activated";
      }),
    );
  }

  /** The queue as it lies in the database. */
  operations() {
    return operations(this.page);
  }

  /** The synced records of the business, by `entity#id`. */
  records() {
    return synced(this.page);
  }

  /** Keeps a picture of the screen, where somebody wants to look at it. */
  async picture(name, page = this.page) {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async close() {
    await this.context.close().catch(() => {});
    // A killed browser's other processes may write for some seconds more.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20 });
  }
}
