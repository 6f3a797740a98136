// Starts the app, and keeps it opening without a network. The app hears of a new version by the
// event "avileo-update-ready" and takes it by answering "avileo-update-accepted".
import init from "/assets/app.js";

const say = (text) => {
  const place = document.getElementById("launch-text");
  if (place) place.textContent = text;
};

init({ module_or_path: "/assets/app.wasm" }).catch((problem) => {
  console.error(problem);
  say("No se pudo abrir la aplicación. Vuelve a cargar la página.");
});

if ("serviceWorker" in navigator) keepOffline(navigator.serviceWorker);

async function keepOffline(workers) {
  let accepted = false;
  const controlled = Boolean(workers.controller);
  const tell = (registration) => {
    // Only a worker that follows another one is a new version.
    if (registration.waiting && workers.controller) {
      dispatchEvent(new CustomEvent("avileo-update-ready"));
    }
  };
  try {
    const registration = await workers.register("/service-worker.js");
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", () => tell(registration));
    });
    addEventListener("avileo-update-asked", () => tell(registration));
    addEventListener("avileo-update-accepted", () => {
      accepted = true;
      if (registration.waiting) registration.waiting.postMessage("take-over");
      else location.reload();
    });
    workers.addEventListener("controllerchange", () => {
      if (accepted) location.reload();
      // Another tab has taken it: this one goes on, and may follow.
      else if (controlled) dispatchEvent(new CustomEvent("avileo-update-ready"));
    });
    addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") registration.update().catch(() => {});
    });
    tell(registration);
  } catch (problem) {
    console.warn("service worker", problem);
  }
}
