// The road between one phone and the server, which can lie in every way that a real one does.
//
// A fate is given to requests by `network.treat(matches, fate)` and ends with `rule.lift()`; the
// rule counts whom it has met. `down()` is a server that is gone while the phone thinks that it is
// online.

import http from "node:http";

/** Whether a request pushes operations. */
export const pushes = (request) => request.method === "POST" && request.path === "/api/sync/batch";
/** Whether a request reads the feed. */
export const pulls = (request) => request.path.startsWith("/api/sync/changes");
/** Whether a request is for the API at all. */
export const calls = (request) => request.path.startsWith("/api/");

const failure = (status, code, headers = {}) => ({
  answer: {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ success: false, error: { code, message: "Falla de prueba." } }),
  },
});

/** What can become of a request. */
export const fates = {
  /** No answer, ever. */
  hang: { hang: true },
  /** The server does its work, and half of the answer arrives. */
  dieHalfWay: { half: true },
  /** The server does its work, and nothing of the answer arrives. */
  loseAnswer: { lost: true },
  serverError: failure(500, "internal"),
  unavailable: (seconds) => failure(503, "unavailable", { "retry-after": String(seconds) }),
  unauthorized: failure(401, "invalid_token"),
  /** What a hotel's network says to everything. */
  captivePortal: {
    answer: {
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<!doctype html><title>WiFi</title><p>Acepte las condiciones para navegar.",
    },
  },
  /** What something on the way says that is not the server. */
  proxy: (status) => ({
    answer: {
      status,
      headers: { "content-type": "text/html" },
      body: "<html><h1>Bad Request</h1></html>",
    },
  }),
  /** The server's answer, changed: gets and gives back the parsed body. */
  altered: (change) => ({ change }),
  /** The phone's request, changed: gets and gives back the parsed body. */
  rewritten: (rewrite) => ({ rewrite }),
  /** Another body in the place of a file. */
  body: (text, type) => ({
    answer: { status: 200, headers: { "content-type": type, "cache-control": "no-cache" }, body: text },
  }),
};

export class Network {
  #server;
  #sockets = new Set();
  #rules = [];
  #target;
  /** Every request for the API: `{method, path, status}`. */
  requests = [];

  /** A road to the stack at `url`. */
  static async to(url) {
    const network = new Network();
    network.#target = new URL(url);
    await network.up();
    return network;
  }

  /** The server is there, at the same address as before. */
  async up() {
    this.#server = http.createServer((request, response) => this.#take(request, response));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    const port = this.origin ? Number(new URL(this.origin).port) : 0;
    await new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** The server is gone: connections are refused. */
  async down() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Gives requests a fate, the first `times` of them. A later rule goes before an earlier one. */
  treat(matches, fate, times = Infinity) {
    const rule = { matches, fate, times, met: 0 };
    rule.lift = () => (this.#rules = this.#rules.filter((other) => other !== rule));
    this.#rules.unshift(rule);
    return rule;
  }

  /** No rule stands any more. */
  calm() {
    this.#rules = [];
  }

  #take(request, response) {
    const seen = { method: request.method, path: request.url, status: null };
    if (calls(seen)) this.requests.push(seen);
    const rule = this.#rules.find((one) => one.met < one.times && one.matches(seen));
    if (rule) rule.met += 1;
    const fate = rule?.fate ?? {};
    response.on("error", () => {});
    if (fate.hang) return request.resume();
    if (fate.answer) {
      request.resume();
      seen.status = fate.answer.status;
      response.writeHead(fate.answer.status, fate.answer.headers).end(fate.answer.body);
      return undefined;
    }
    return this.#forward(request, response, seen, fate);
  }

  #forward(request, response, seen, fate) {
    const headers = { ...request.headers };
    if (fate.change) headers["accept-encoding"] = "identity";
    const { hostname, port } = this.#target;
    const onward = http.request({ hostname, port, method: request.method, path: request.url, headers });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    onward.on("response", (answer) => {
      seen.status = answer.statusCode;
      if (!fate.lost && !fate.half && !fate.change) {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
        return;
      }
      whole(answer).then((body) => deliver(response, answer, body, fate), () => response.destroy());
    });
    if (!fate.rewrite) return request.pipe(onward);
    return whole(request).then((body) => {
      const changed = JSON.stringify(fate.rewrite(JSON.parse(body.toString())));
      onward.setHeader("content-length", Buffer.byteLength(changed));
      onward.end(changed);
    }, () => response.destroy());
  }

  async close() {
    await this.down();
  }
}

async function whole(answer) {
  const parts = [];
  for await (const part of answer) parts.push(part);
  return Buffer.concat(parts);
}

function deliver(response, answer, body, fate) {
  if (fate.lost) return response.destroy();
  if (fate.half) {
    response.writeHead(answer.statusCode, { ...answer.headers, "content-length": body.length });
    return response.write(body.subarray(0, body.length / 2), () => response.destroy());
  }
  const changed = Buffer.from(JSON.stringify(fate.change(JSON.parse(body.toString()))));
  const headers = { ...answer.headers, "content-length": changed.length };
  delete headers["transfer-encoding"];
  response.writeHead(answer.statusCode, headers);
  return response.end(changed);
}
