// One copy of the whole system on a free port, with the phone's built files.

import { spawn } from "node:child_process";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binaries, pages, repository } from "./places.js";
import { until } from "./wait.js";

const READY_WITHIN_MS = 120_000;

export class Stack {
  #child;
  #folder;

  /** Starts it. `demo` puts the demo business in, `lan` serves the network too. */
  static async start({ demo = false, lan = false } = {}) {
    const stack = new Stack();
    stack.#folder = mkdtempSync(join(tmpdir(), "avileo-browser-"));
    const statusFile = join(stack.#folder, "status.json");
    const log = openSync(join(stack.#folder, "log"), "a");
    const words = ["run", "--port", "0", "--memory", "--stop-with-stdin", "--pages", pages];
    words.push("--template", join(repository, "template.yaml"), "--bin-dir", binaries);
    words.push("--status-file", statusFile, ...(demo ? ["--seed-demo"] : []));
    if (lan) words.push("--lan=0");
    const program = join(binaries, "local");
    // It stops when its standard input ends, that is, also when we are killed.
    stack.#child = spawn(program, words, { stdio: ["pipe", log, log] });
    closeSync(log);
    let failure;
    stack.#child.on("error", (problem) => (failure = problem));
    const status = await until("the stack to be ready", () => {
      if (failure || stack.#child.exitCode !== null) return { failed: failure ?? stack.log() };
      return read(statusFile);
    }, READY_WITHIN_MS);
    if (status.failed) throw new Error(`${program} did not start: ${status.failed}`);
    Object.assign(stack, { url: status.url, status });
    return stack;
  }

  /** What it has printed so far. */
  log() {
    return readFileSync(join(this.#folder, "log"), "utf8");
  }

  async stop() {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.exitCode === null) {
      this.#child.stdin.end();
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
