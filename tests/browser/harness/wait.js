// Waiting: a condition is asked for again and again, never slept for, and always with a bound.

const EVERY_MS = 50;
const WITHIN_MS = 20_000;

/**
 * Asks until the answer is truthy, and gives it back. What `ask` throws is shown when time is up.
 * An `ask` that itself took all the time is made once more: what it waited for may be past.
 */
export async function until(what, ask, within = WITHIN_MS) {
  const deadline = performance.now() + within;
  let last;
  for (;;) {
    const begun = performance.now();
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (problem) {
      last = problem;
    }
    if (begun > deadline) {
      const seen = last instanceof Error ? last.stack : JSON.stringify(last);
      throw new Error(`waited ${within} ms in vain for: ${what} (last: ${seen})`);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
