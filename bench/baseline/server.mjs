// The same work the usual way: fastify and better-sqlite3, one process, WAL with synchronous=FULL. Orders over REST and in
// batches: token, schema, idempotency key with fingerprint, short number, total, document, sequence and stored outcome in
// one transaction. Nothing is left out on purpose; what Outpost does beyond (causal order, conflicts, feeds) is not here.
//   node server.mjs DATABASE [STATIC_FILE]
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import Database from "better-sqlite3";
import Fastify from "fastify";

const [path, staticFile] = process.argv.slice(2);
const secret = process.env.OUTPOST_JWT_SECRET;

const db = new Database(path);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("cache_size = -65536");
db.exec(`
  CREATE TABLE IF NOT EXISTS head(workspace TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS document(workspace TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
    version INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(workspace, collection, id));
  CREATE INDEX IF NOT EXISTS document_seq ON document(workspace, seq);
  CREATE TABLE IF NOT EXISTS outcome(workspace TEXT NOT NULL, author TEXT NOT NULL, family TEXT NOT NULL, key TEXT NOT NULL,
    fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
    UNIQUE(workspace, author, family, key));
  CREATE TABLE IF NOT EXISTS number(workspace TEXT NOT NULL, day TEXT NOT NULL, number TEXT NOT NULL,
    PRIMARY KEY(workspace, day, number)) WITHOUT ROWID;
`);
const findOutcome = db.prepare("SELECT fingerprint, status, body FROM outcome WHERE workspace=? AND author=? AND family=? AND key=?");
const putOutcome = db.prepare("INSERT INTO outcome VALUES (?,?,?,?,?,?,?,?)");
const findDocument = db.prepare("SELECT version FROM document WHERE workspace=? AND collection=? AND id=?");
const putDocument = db.prepare("INSERT INTO document VALUES (?,?,?,?,?,?)");
const takeNumber = db.prepare("INSERT OR IGNORE INTO number VALUES (?,?,?)");
const nextSequence = db.prepare(
  "INSERT INTO head VALUES (?,1) ON CONFLICT(workspace) DO UPDATE SET seq=seq+1 RETURNING seq").pluck();

// RFC 8785 for what orders hold: sorted keys, whole numbers, plain texts.
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
};
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const shortNumber = (workspace, day, id) => {
  const digest = sha256(id).toUpperCase();
  for (let length = 4; length <= digest.length; length++) {
    const number = digest.slice(0, length);
    if (takeNumber.run(workspace, day, number).changes === 1) return number;
  }
  throw new Error("no number left");
};

const createOrder = (who, id, payload, now) => {
  if (findDocument.get(who.ws, "orders", id)) return { status: 409, body: { code: "ALREADY_EXISTS" } };
  const at = now.toISOString();
  const items = payload.items.map((item, i) => ({ lineId: sha256(`${id}/line/${i}`).slice(0, 26), ...item }));
  const total = items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
  const order = {
    id, version: 1, createdAt: at, updatedAt: at, createdBy: who.sub, number: shortNumber(who.ws, at.slice(0, 10), id),
    tableId: payload.tableId ?? null, status: "NEW", items, total, currency: "EUR",
  };
  const seq = nextSequence.get(who.ws);
  putDocument.run(who.ws, "orders", id, 1, seq, JSON.stringify(order));
  return { status: 201, seq, body: order };
};

const execute = (who, key, id, payload, now) => {
  const fingerprint = sha256(canonical({ family: "ORDER_CREATE", payload }));
  const known = findOutcome.get(who.ws, who.sub, "ORDER_CREATE", key);
  if (known) {
    if (known.fingerprint !== fingerprint) return { status: 409, fingerprint, text: '{"code":"IDEMPOTENCY_KEY_REUSED"}' };
    return { status: known.status, fingerprint, text: known.body, replayed: true };
  }
  const made = createOrder(who, id, payload, now);
  const text = JSON.stringify(made.body);
  putOutcome.run(who.ws, who.sub, "ORDER_CREATE", key, fingerprint, made.status, text, now.getTime());
  return { status: made.status, seq: made.seq, fingerprint, text };
};
const executeOne = db.transaction((who, key, payload) => execute(who, key, payload.id ?? key, payload, new Date()));
const executeAll = db.transaction((who, commands) =>
  commands.map((command) => execute(who, command.key ?? command.id, command.payload.id ?? command.id, command.payload, new Date())));

const verified = new Map();
const authenticate = (header) => {
  const token = header?.startsWith("Bearer ") ? header.slice(7) : "";
  const known = verified.get(token);
  if (known) return known.exp * 1000 > Date.now() ? known : null;
  const [head, claims, signature] = token.split(".");
  if (!signature) return null;
  const expected = createHmac("sha256", secret).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const who = JSON.parse(Buffer.from(claims, "base64url"));
  if (!(who.exp * 1000 > Date.now())) return null;
  verified.set(token, who);
  return who;
};

const item = {
  type: "object", required: ["sku", "name", "quantity", "unitPrice"], additionalProperties: false,
  properties: {
    sku: { type: "string", minLength: 1, maxLength: 1000 }, name: { type: "string", minLength: 1, maxLength: 1000 },
    quantity: { type: "integer", minimum: -1e9, maximum: 1e9 }, unitPrice: { type: "integer", minimum: 0 },
    station: { type: "string", maxLength: 1000 }, note: { type: "string", maxLength: 2000 },
  },
};
const order = {
  type: "object", required: ["items"], additionalProperties: false,
  properties: {
    id: { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,128}$" }, tableId: { type: "string", maxLength: 1000 },
    items: { type: "array", minItems: 1, maxItems: 1000, items: item },
  },
};
const batch = {
  type: "object", required: ["commands"],
  properties: {
    commands: {
      type: "array", maxItems: 1000,
      items: {
        type: "object", required: ["id", "type", "payload"],
        properties: { id: { type: "string" }, type: { const: "ORDER_CREATE_V1" }, key: { type: "string" }, payload: order },
      },
    },
  },
};

const app = Fastify({ bodyLimit: 8 << 20, keepAliveTimeout: 60000 });
app.decorateRequest("who", null);
app.addHook("onRequest", async (request, reply) => {
  if (request.url === "/static") return;
  request.who = authenticate(request.headers.authorization);
  if (!request.who) return reply.code(401).send({ code: "UNAUTHENTICATED" });
});
app.post("/pos/orders", { schema: { body: order } }, async (request, reply) => {
  const result = executeOne(request.who, request.headers["idempotency-key"], request.body);
  reply.code(result.status).type("application/json");
  if (result.replayed) reply.header("Idempotency-Replayed", "true");
  return result.text;
});
app.post("/sync/commands", { schema: { body: batch } }, async (request, reply) => {
  const results = executeAll(request.who, request.body.commands);
  reply.type("application/json");
  return `{"results":[${results.map((result, i) =>
    `{"id":${JSON.stringify(request.body.commands[i].id)},"fingerprint":"${result.fingerprint}","status":"${
      result.status < 300 ? "SUCCEEDED" : "FAILED"}","httpStatus":${result.status},"seq":${result.seq ?? null},"body":${result.text}}`).join(",")}]}`;
});
app.get("/static", async (request, reply) => {
  reply.type("application/x-ndjson").header("Content-Length", statSync(staticFile).size);
  return reply.send(createReadStream(staticFile, { highWaterMark: 1 << 20 }));
});
console.log(`listening on ${await app.listen({ host: "127.0.0.1", port: 0 })}`);
