// The same work the usual way: fastify and better-sqlite3, one process, WAL with synchronous=FULL. Orders over REST and in
// batches: token, schema, idempotency key with fingerprint, short number, total, document, sequence and stored outcome in
// one transaction. Nothing is left out on purpose; what Outpost does beyond (causal order, conflicts, feeds) is not here.
//   node server.mjs DATABASE [STATIC_FILE]
import { createReadStream, statSync } from "node:fs";
import Database from "better-sqlite3";
import Fastify from "fastify";
import { authenticator, fingerprintOf, numbersOf, orderOf, orderSchema } from "./common.mjs";

const [path, staticFile] = process.argv.slice(2);
const authenticate = authenticator(process.env.OUTPOST_JWT_SECRET);

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

const shortNumber = (workspace, day, id) => {
  for (const number of numbersOf(id)) if (takeNumber.run(workspace, day, number).changes === 1) return number;
  throw new Error("no number left");
};

const createOrder = (who, id, payload, now) => {
  if (findDocument.get(who.ws, "orders", id)) return { status: 409, body: { code: "ALREADY_EXISTS" } };
  const at = now.toISOString();
  const order = orderOf(who, id, shortNumber(who.ws, at.slice(0, 10), id), payload, at);
  const seq = nextSequence.get(who.ws);
  putDocument.run(who.ws, "orders", id, 1, seq, JSON.stringify(order));
  return { status: 201, seq, body: order };
};

const execute = (who, key, id, payload, now) => {
  const fingerprint = fingerprintOf(payload);
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

const batch = {
  type: "object", required: ["commands"],
  properties: {
    commands: {
      type: "array", maxItems: 1000,
      items: {
        type: "object", required: ["id", "type", "payload"],
        properties: { id: { type: "string" }, type: { const: "ORDER_CREATE_V1" }, key: { type: "string" }, payload: orderSchema },
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
app.post("/pos/orders", { schema: { body: orderSchema } }, async (request, reply) => {
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
