// What the tests of one file stand on: a stack of their own, and businesses in it.

import { after, before } from "node:test";

import { catalogue, Person } from "./server.js";
import { Stack } from "./stack.js";

/** A stack for all tests of a file; `stack` is there once they run. */
export function scene(options) {
  const scene = {};
  before(async () => (scene.stack = await Stack.start(options)));
  after(async () => scene.stack?.stop());
  return scene;
}

/** A business that sells chicken and eggs: its administrator, a seller, its goods. */
export async function business({ stack }) {
  const admin = await Person.register(stack.url);
  const [seller, goods] = await Promise.all([admin.seller(), catalogue(admin)]);
  return { admin, seller, goods };
}
