#include "server/routes/status_page.h"

namespace outpost::server {
namespace {

constexpr const char* kStyle = R"css(
:root { --ink:#1c2430; --soft:#5d6b7e; --line:#dfe4ea; --paper:#f4f6f8; --card:#fff; --accent:#0b6e4f;
  --warn:#b45309; --bad:#b42318; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink:#e8edf3; --soft:#9aa8b8; --line:#2c3643; --paper:#12171e; --card:#1a212a;
  --accent:#3ecf9a; --warn:#f0a94b; --bad:#ff8a80; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--paper); color:var(--ink); font:16px/1.45 system-ui, "Segoe UI", Roboto, sans-serif; }
header { display:flex; flex-wrap:wrap; gap:.5rem 1.5rem; align-items:baseline; padding-block:1rem; padding-inline:1.5rem;
  background:var(--card); border-block-end:1px solid var(--line); position:sticky; inset-block-start:0; }
h1 { font-size:1.3rem; margin:0; }
h2 { font-size:1rem; margin:0 0 .75rem; color:var(--soft); font-weight:600; }
#line { margin-inline-start:auto; color:var(--soft); }
#line::before { content:""; display:inline-block; inline-size:.65rem; block-size:.65rem; border-radius:50%; background:var(--accent);
  margin-inline-end:.5rem; }
#line.away::before { background:var(--bad); }
main { display:grid; gap:1rem; padding:1rem 1.5rem 2rem; grid-template-columns:repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
section { background:var(--card); border:1px solid var(--line); border-radius:.75rem; padding:1rem 1.25rem; overflow-x:auto; }
section.wide { grid-column:1 / -1; }
.figures { display:flex; flex-wrap:wrap; gap:2rem; }
.figures div { display:flex; flex-direction:column; }
.figures b { font-size:1.6rem; font-variant-numeric:tabular-nums; }
.figures span { color:var(--soft); font-size:.875rem; }
table { border-collapse:collapse; inline-size:100%; font-variant-numeric:tabular-nums; }
th { text-align:start; font-weight:600; color:var(--soft); font-size:.8rem; }
td, th { padding-block:.45rem; padding-inline:0 .75rem; border-block-end:1px solid var(--line); white-space:nowrap; }
td:last-child, th:last-child { padding-inline-end:0; }
tr:last-child td { border-block-end:0; }
.amount { text-align:end; }
.badge { display:inline-block; padding:.05rem .55rem; border-radius:1rem; border:1px solid currentColor; font-size:.8rem; }
.NEW, .QUEUED { color:var(--soft); } .SENT, .IN_PROGRESS { color:var(--warn); } .CLOSED, .READY { color:var(--accent); }
.CANCELLED, .quarantined { color:var(--bad); }
.stations { display:grid; gap:1rem; grid-template-columns:repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); }
.station > b { text-transform:capitalize; }
.ticket { border:1px solid var(--line); border-inline-start:.3rem solid var(--soft); border-radius:.5rem; padding:.6rem .75rem; margin-block-start:.6rem; }
.ticket.IN_PROGRESS { border-inline-start-color:var(--warn); } .ticket.READY { border-inline-start-color:var(--accent); }
.ticket p { margin:.2rem 0 0; color:var(--soft); font-size:.9rem; }
.none { color:var(--soft); }
)css";

constexpr const char* kBody = R"html(
<header><h1>Outpost</h1><span>workspace <b>demo</b></span><span id="line" role="status" aria-live="polite">connecting…</span></header>
<main>
<section class="wide"><div class="figures" id="figures"></div></section>
<section><h2>Latest orders</h2><div id="orders"></div></section>
<section><h2>Devices</h2><div id="devices"></div></section>
<section class="wide"><h2>Kitchen</h2><div class="stations" id="kitchen"></div></section>
</main>
)html";

constexpr const char* kScript = R"js(
"use strict";
const $ = id => document.getElementById(id);
function el(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = text;
  if (className) node.className = className;
  return node;
}
function money(order) {
  try {
    const format = new Intl.NumberFormat(undefined, {style: "currency", currency: order.currency});
    return format.format(order.total / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch { return String(order.total); }
}
function ago(time, now) {
  const seconds = Math.max(0, Math.round((new Date(now) - new Date(time)) / 1000));
  return seconds < 60 ? seconds + " s ago" : seconds < 3600 ? Math.floor(seconds / 60) + " min ago" : Math.floor(seconds / 3600) + " h ago";
}
function table(heads, rows, empty) {
  if (!rows.length) return el("p", empty, "none");
  const out = el("table"), head = el("tr");
  heads.forEach(([text, className]) => head.append(el("th", text, className)));
  out.append(head);
  rows.forEach(cells => {
    const row = el("tr");
    cells.forEach((cell, i) => { const td = el("td", undefined, heads[i][1]); td.append(cell); row.append(td); });
    out.append(row);
  });
  return out;
}
function figures(state) {
  const waiting = state.devices.reduce((sum, device) => sum + device.waiting, 0);
  const last = state.devices.map(device => device.lastSeen).sort().pop();
  const open = state.tickets.filter(ticket => !["BUMPED", "CANCELLED"].includes(ticket.status)).length;
  return [[state.head, "changes"], [open, "open tickets"], [waiting, "waiting on devices"], [last ? ago(last, state.serverTime) : "–", "last sync"]]
    .map(([value, name]) => { const box = el("div"); box.append(el("b", value), el("span", name)); return box; });
}
function kitchen(tickets) {
  const stations = new Map();
  tickets.filter(t => !["BUMPED", "CANCELLED"].includes(t.status)).sort((a, b) => a.sentAt < b.sentAt ? -1 : 1)
    .forEach(t => stations.set(t.station, [...(stations.get(t.station) || []), t]));
  if (!stations.size) return [el("p", "No open tickets.", "none")];
  return [...stations.keys()].sort().map(name => {
    const box = el("div", undefined, "station");
    box.append(el("b", name));
    stations.get(name).slice(0, 12).forEach(t => {
      const card = el("div", undefined, "ticket " + t.status);
      card.append(el("b", "#" + t.number + " "), el("span", t.status, "badge " + t.status));
      (t.items || []).forEach(item => card.append(el("p", item.quantity + " × " + item.name)));
      box.append(card);
    });
    return box;
  });
}
function show(state) {
  $("figures").replaceChildren(...figures(state));
  $("orders").replaceChildren(table([["Number"], ["Table"], ["Status"], ["Total", "amount"]],
    state.orders.map(o => [o.number, o.tableId || "–", el("span", o.status, "badge " + o.status), money(o)]), "No orders yet."));
  $("devices").replaceChildren(table([["Device"], ["Waiting", "amount"], ["Set aside", "amount"], ["Done", "amount"], ["Last sync"]],
    state.devices.map(d => [d.id.slice(-8), d.waiting, el("span", d.quarantined, d.quarantined ? "quarantined" : ""), d.acknowledged,
      ago(d.lastSeen, state.serverTime)].map(cell => cell instanceof Node ? cell : String(cell))), "No device has synced yet."));
  $("kitchen").replaceChildren(...kitchen(state.tickets));
}
function line(text, away) {
  if ($("line").textContent !== text) $("line").textContent = text;
  $("line").className = away ? "away" : "";
}
async function refresh() {
  try {
    const answer = await fetch("/demo/state", {cache: "no-store"});
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    line("live", false);
  } catch { line("server away, trying again", true); }
  setTimeout(refresh, 1000);
}
refresh();
)js";

}  // namespace

std::string StatusPage() {
  std::string page =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Outpost</title>"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>";
  for (const char* part : {kStyle, "</style></head><body>", kBody, "<script>", kScript, "</script></body></html>"})
    page += part;
  return page;
}

}  // namespace outpost::server
