// The phone's own database, read behind the app's back, by the names that the audit gives.

/** Opens `avileo-sync` as it is and reads a store: `[{key, value}]`. */
export function store(page, name) {
  return page.evaluate(async (name) => {
    const answer = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const known = await indexedDB.databases();
    if (!known.some((one) => one.name === "avileo-sync")) return [];
    const database = await answer(indexedDB.open("avileo-sync"));
    try {
      if (!database.objectStoreNames.contains(name)) return [];
      const store = database.transaction(name).objectStore(name);
      const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
      return keys.map((key, at) => ({ key, value: values[at] }));
    } finally {
      database.close();
    }
  }, name);
}

/** The queue, in the order in which it was written. */
export async function operations(page) {
  const rows = await store(page, "operations");
  return rows.map((row) => row.value).sort((one, two) => one.sequence - two.sequence);
}

/** Synced records of the newest set, by `entity#id`, deleted ones left out. */
export async function synced(page) {
  const rows = await store(page, "records");
  const newest = Math.max(...rows.map((row) => row.key[1]));
  const live = rows.filter((row) => row.key[1] === newest && row.value.record !== null);
  return new Map(live.map((row) => [`${row.key[2]}#${row.key[3]}`, JSON.parse(row.value.record)]));
}
