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
    FILES.map(async ([address]) => {
      const kept = isHashed(address) && (await caches.match(address));
      const answer = kept || (await fetch(address, { cache: isHashed(address) ? "default" : "reload" }));
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      await cache.put(address, answer);
    }),
  );
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
