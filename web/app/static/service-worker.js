// Keeps every file of one version, so that the app opens without a network at any address.
// It never touches the API, and takes over from an older version only when asked to.
const VERSION = "{{version}}";
const FILES = "{{files}}";
const PREFIX = "avileo-";
const CACHE = PREFIX + VERSION;

// A hashed name always holds the same, so what an older version kept is taken from there.
const isHashed = (address) => address.startsWith("/assets/");

async function keep() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    FILES.map(async ([address, hash]) => {
      const kept = isHashed(address) && (await caches.match(address));
      const answer = kept || (await fetch(address, { cache: isHashed(address) ? "default" : "reload" }));
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      if (!(await holds(answer.clone(), hash))) throw new Error(`${address} is another file`);
      await cache.put(address, answer);
    }),
  );
}

// What a hotel's network answers in the place of a file, with 200, must not stay on the phone.
async function holds(answer, hash) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("").startsWith(hash);
}

async function forgetOthers() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function answer(request, address) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) || fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isOurs = url.origin === self.location.origin && url.pathname !== "/service-worker.js";
  if (request.method !== "GET" || !isOurs || /^\/api(\/|$)/.test(url.pathname)) return;
  // Every screen is the same page.
  const address = request.mode === "navigate" ? "/" : url.pathname;
  event.respondWith(answer(request, address));
});
