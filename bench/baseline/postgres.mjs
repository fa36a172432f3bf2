// The same work the usual way on PostgreSQL: fastify and pg, one transaction per request, an idempotency table. For
// bench/postgres.py only.
//   node postgres.mjs URL
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import Fastify from "fastify";
import pg from "pg";

const CONNECTIONS = 10;
const pool = new pg.Pool({ connectionString: process.argv[2], max: CONNECTIONS });
const secret = process.env.OUTPOST_JWT_SECRET;

await pool.query(`
  CREATE SCHEMA IF NOT EXISTS baseline;
  CREATE TABLE IF NOT EXISTS baseline.idempotency(workspace text, author text, family text, key text, fingerprint text NOT NULL,
    status int NOT NULL, body text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY(workspace, author, family, key));
  CREATE TABLE IF NOT EXISTS baseline.head(workspace text PRIMARY KEY, seq bigint NOT NULL);
  CREATE TABLE IF NOT EXISTS baseline.document(workspace text, collection text, id text, version bigint NOT NULL, seq bigint NOT NULL,
    body text NOT NULL, PRIMARY KEY(workspace, collection, id));
  CREATE INDEX IF NOT EXISTS document_seq ON baseline.document(workspace, seq);
  CREATE TABLE IF NOT EXISTS baseline.number(workspace text, day text, number text, PRIMARY KEY(workspace, day, number));
`);

const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
};
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const statement = (name, text) => (client, values) => client.query({ name, text, values });
const claim = statement("claim", `INSERT INTO baseline.idempotency VALUES ($1,$2,'ORDER_CREATE',$3,$4,0,'',now())
  ON CONFLICT DO NOTHING RETURNING 1`);
const stored = statement("stored", `SELECT fingerprint, status, body FROM baseline.idempotency
  WHERE workspace=$1 AND author=$2 AND family='ORDER_CREATE' AND key=$3`);
const takeNumber = statement("number", "INSERT INTO baseline.number VALUES ($1,$2,$3) ON CONFLICT DO NOTHING RETURNING 1");
const nextSequence = statement("sequence", `INSERT INTO baseline.head VALUES ($1,1)
  ON CONFLICT(workspace) DO UPDATE SET seq = head.seq + 1 RETURNING seq`);
const putDocument = statement("document", "INSERT INTO baseline.document VALUES ($1,'orders',$2,1,$3,$4)");
const finish = statement("finish", `UPDATE baseline.idempotency SET status=$4, body=$5
  WHERE workspace=$1 AND author=$2 AND family='ORDER_CREATE' AND key=$3`);

const createOrder = async (client, who, id, payload) => {
  const at = new Date().toISOString();
  const items = payload.items.map((item, i) => ({ lineId: sha256(`${id}/line/${i}`).slice(0, 26), ...item }));
  const total = items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
  const digest = sha256(id).toUpperCase();
  let length = 4;
  while ((await takeNumber(client, [who.ws, at.slice(0, 10), digest.slice(0, length)])).rowCount === 0) length++;
  const order = { id, version: 1, createdAt: at, updatedAt: at, createdBy: who.sub, number: digest.slice(0, length),
    tableId: payload.tableId ?? null, status: "NEW", items, total, currency: "EUR" };
  const text = JSON.stringify(order);
  const { rows } = await nextSequence(client, [who.ws]);
  await putDocument(client, [who.ws, id, rows[0].seq, text]);
  return text;
};

const execute = async (who, key, payload) => {
  const fingerprint = sha256(canonical({ family: "ORDER_CREATE", payload }));
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    if ((await claim(client, [who.ws, who.sub, key, fingerprint])).rowCount === 0) {
      const known = (await stored(client, [who.ws, who.sub, key])).rows[0];
      await client.query("COMMIT");
      if (known.fingerprint !== fingerprint) return { status: 409, text: '{"code":"IDEMPOTENCY_KEY_REUSED"}' };
      return { status: known.status, text: known.body };
    }
    const text = await createOrder(client, who, payload.id ?? key, payload);
    await finish(client, [who.ws, who.sub, key, 201, text]);
    await client.query("COMMIT");
    return { status: 201, text };
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
};

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
  verified.set(token, who);
  return who;
};

const item = { type: "object", required: ["sku", "name", "quantity", "unitPrice"], additionalProperties: false,
  properties: { sku: { type: "string", maxLength: 1000 }, name: { type: "string", maxLength: 1000 },
    quantity: { type: "integer" }, unitPrice: { type: "integer", minimum: 0 }, station: { type: "string" }, note: { type: "string" } } };
const order = { type: "object", required: ["items"], additionalProperties: false,
  properties: { id: { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,128}$" }, tableId: { type: "string" },
    items: { type: "array", minItems: 1, maxItems: 1000, items: item } } };

const app = Fastify({ bodyLimit: 8 << 20 });
app.post("/pos/orders", { schema: { body: order } }, async (request, reply) => {
  const who = authenticate(request.headers.authorization);
  if (!who) return reply.code(401).send({ code: "UNAUTHENTICATED" });
  const key = request.headers["idempotency-key"];
  if (!key) return reply.code(400).send({ code: "IDEMPOTENCY_KEY_INVALID" });
  const { status, text } = await execute(who, key, request.body);
  return reply.code(status).header("content-type", "application/json").send(text);
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`listening on http://127.0.0.1:${app.server.address().port}`);
process.on("SIGTERM", async () => { await app.close(); await pool.end(); process.exit(0); });
