// How long a page is busy: what makes typing and scrolling stutter.

/** Lengths of the tasks over 50 ms that the page has while `work` is done. */
export async function longTasks(page, work) {
  await watchTasks(page);
  await work();
  return tasksSeen(page);
}

/** Counts from now on. */
export function watchTasks(page) {
  return page.evaluate(() => {
    const seen = [];
    window.taskWatch?.observer.disconnect();
    const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
    observer.observe({ type: "longtask" });
    window.taskWatch = { observer, seen };
  });
}

/** The lengths since then. */
export function tasksSeen(page) {
  return page.evaluate(() => {
    const { observer, seen } = window.taskWatch;
    return [...seen, ...observer.takeRecords()].map((entry) => entry.duration);
  });
}
