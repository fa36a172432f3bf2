// What both servers made the usual way have in common: tokens, fingerprints, an order's schema and its body.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

// RFC 8785 for what orders hold: sorted keys, whole numbers, plain texts.
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
};
export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
export const fingerprintOf = (payload) => sha256(canonical({ family: "ORDER_CREATE", payload }));

// Whom an Authorization header names; null: nobody. A token that was verified once is known until it expires.
export const authenticator = (secret) => {
  const verified = new Map();
  const isCurrent = (who) => who.exp * 1000 > Date.now();
  const verify = (token) => {
    const [head, claims, signature] = token.split(".");
    if (!signature) return null;
    const expected = createHmac("sha256", secret).update(`${head}.${claims}`).digest();
    const given = Buffer.from(signature, "base64url");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return JSON.parse(Buffer.from(claims, "base64url"));
  };
  return (header) => {
    const token = header?.startsWith("Bearer ") ? header.slice(7) : "";
    const who = verified.get(token) ?? verify(token);
    if (!who || !isCurrent(who)) return null;
    verified.set(token, who);
    return who;
  };
};

const item = {
  type: "object", required: ["sku", "name", "quantity", "unitPrice"], additionalProperties: false,
  properties: {
    sku: { type: "string", minLength: 1, maxLength: 1000 }, name: { type: "string", minLength: 1, maxLength: 1000 },
    quantity: { type: "integer", minimum: -1e9, maximum: 1e9 }, unitPrice: { type: "integer", minimum: 0 },
    station: { type: "string", maxLength: 1000 }, note: { type: "string", maxLength: 2000 },
  },
};
export const orderSchema = {
  type: "object", required: ["items"], additionalProperties: false,
  properties: {
    id: { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,128}$" }, tableId: { type: "string", maxLength: 1000 },
    items: { type: "array", minItems: 1, maxItems: 1000, items: item },
  },
};

// The short numbers an order may have, the shortest first; the first that is free on that day is its own.
export const numbersOf = function* (id) {
  const digest = sha256(id).toUpperCase();
  for (let length = 4; length <= digest.length; length++) yield digest.slice(0, length);
};

export const orderOf = (who, id, number, payload, at) => {
  const items = payload.items.map((line, i) => ({ lineId: sha256(`${id}/line/${i}`).slice(0, 26), ...line }));
  return {
    id, version: 1, createdAt: at, updatedAt: at, createdBy: who.sub, number, tableId: payload.tableId ?? null, status: "NEW",
    items, total: items.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0), currency: "EUR",
  };
};
