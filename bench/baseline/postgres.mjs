// The same work the usual way on PostgreSQL: fastify and pg, one transaction per request, an idempotency table. For
// bench/postgres.py only.
//   node postgres.mjs URL
import Fastify from "fastify";
import pg from "pg";
import { authenticator, fingerprintOf, numbersOf, orderOf, orderSchema } from "./common.mjs";

const CONNECTIONS = 10;
const pool = new pg.Pool({ connectionString: process.argv[2], max: CONNECTIONS });
const authenticate = authenticator(process.env.OUTPOST_JWT_SECRET);

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

const shortNumber = async (client, workspace, day, id) => {
  for (const number of numbersOf(id)) if ((await takeNumber(client, [workspace, day, number])).rowCount === 1) return number;
  throw new Error("no number left");
};

const createOrder = async (client, who, id, payload) => {
  const at = new Date().toISOString();
  const number = await shortNumber(client, who.ws, at.slice(0, 10), id);
  const text = JSON.stringify(orderOf(who, id, number, payload, at));
  const { rows } = await nextSequence(client, [who.ws]);
  await putDocument(client, [who.ws, id, rows[0].seq, text]);
  return text;
};

const execute = async (who, key, payload) => {
  const fingerprint = fingerprintOf(payload);
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

const app = Fastify({ bodyLimit: 8 << 20 });
app.post("/pos/orders", { schema: { body: orderSchema } }, async (request, reply) => {
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
