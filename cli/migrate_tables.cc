#include "cli/migrate_tables.h"

namespace outpost::cli {
namespace {

// How server/sqlite/places.h packs a row's place.
#define OUTPOST_WORKSPACE_OF(place) "(" place " >> 40)"
#define OUTPOST_NUMBER_OF(place) "(" place " & 1099511627775)"
// Commands without a sequence are numbered upwards from 2^39 there, downwards from -1 here.
#define OUTPOST_PLACE_OF(place)                                                                     \
  "(CASE WHEN " OUTPOST_NUMBER_OF(place) " >= 549755813888 THEN 549755813888 - " OUTPOST_NUMBER_OF( \
      place) " ELSE " OUTPOST_NUMBER_OF(place) " END)"

constexpr std::array<MigratedTable, 9> kTables = {{
    {"workspaces",
     "itiitii",
     "SELECT w.workspace, w.name, w.head, w.outside, coalesce(c.id, ''), w.purged_below, 0 FROM workspace w "
     "LEFT JOIN command c ON c.place = (w.workspace << 40) | w.head AND w.head > 0 ORDER BY w.workspace",
     {"migrate_workspaces",
      "INSERT INTO workspace(workspace, name, head, outside, head_command, purged_below) OVERRIDING SYSTEM VALUE "
      "SELECT u.a, u.b, u.c, u.d, u.e, u.f FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], "
      "$5::text[], $6::bigint[], $7::bigint[]) u(a, b, c, d, e, f, g)"},
     {"check_workspaces",
      "DECLARE moved CURSOR FOR SELECT workspace, name, head, outside, head_command, purged_below, 0::bigint "
      "FROM workspace ORDER BY workspace"}},
    {"documents",
     "ittiiiitt",
     "SELECT d.position >> 45, s.collection, d.id, d.version, (d.position >> 12) & 8589934591, d.position & 4095, "
     "d.deleted, coalesce(p.name, ''), coalesce(d.body, '') FROM document d JOIN shelf s ON s.shelf = d.shelf "
     "LEFT JOIN scope p ON p.scope = d.scope ORDER BY d.position",
     {"migrate_documents",
      "INSERT INTO document(workspace, collection, id, version, seq, ordinal, deleted, scope, body) "
      "SELECT u.a, u.b, u.c, u.d, u.e, u.f::integer, u.g <> 0, u.h, u.i FROM unnest($1::bigint[], $2::text[], "
      "$3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[]) "
      "u(a, b, c, d, e, f, g, h, i)"},
     {"check_documents",
      "DECLARE moved CURSOR FOR SELECT workspace, collection, id, version, seq, ordinal::bigint, "
      "deleted::integer::bigint, scope, body FROM document ORDER BY workspace, seq, ordinal"}},
    {"internal documents",
     "ittiit",
     "SELECT s.workspace, s.collection, i.id, i.version, i.deleted, coalesce(i.body, '') FROM ("
     "SELECT shelf, id, version, deleted, body FROM internal WHERE NOT EXISTS "
     "(SELECT 1 FROM internal_log l WHERE l.shelf = internal.shelf AND l.id = internal.id) UNION ALL "
     "SELECT shelf, id, version, deleted, body FROM internal_log l WHERE entry = "
     "(SELECT max(entry) FROM internal_log m WHERE m.shelf = l.shelf AND m.id = l.id)) i "
     "JOIN shelf s ON s.shelf = i.shelf ORDER BY s.workspace, s.collection, i.id",
     {"migrate_internal",
      "INSERT INTO internal(workspace, collection, id, version, deleted, body) SELECT u.a, u.b, u.c, u.d, u.e <> 0, "
      "u.f "
      "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[]) u(a, b, c, d, e, f)"},
     {"check_internal",
      "DECLARE moved CURSOR FOR SELECT workspace, collection, id, version, deleted::integer::bigint, body FROM "
      "internal "
      "ORDER BY workspace, collection, id"}},
    {"departures",
     "ittiti",
     "SELECT s.workspace, s.collection, p.name, d.seq, d.id, d.version FROM departed d JOIN scope p ON p.scope = "
     "d.scope "
     "JOIN shelf s ON s.shelf = p.shelf ORDER BY s.workspace, s.collection, p.name, d.seq, d.id",
     {"migrate_departures",
      "INSERT INTO departed(workspace, collection, scope, seq, id, version) SELECT u.* FROM unnest($1::bigint[], "
      "$2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[]) u"},
     {"check_departures",
      "DECLARE moved CURSOR FOR SELECT workspace, collection, scope, seq, id, version FROM departed "
      "ORDER BY workspace, collection, scope, seq, id"}},
    {"devices",
     "iittiiiiitt",
     "SELECT workspace, incarnation, device, name, highest_n, keys_purged_below, acknowledged, refused, last_seen, "
     "last_command, report FROM incarnation ORDER BY incarnation",
     {"migrate_devices",
      "INSERT INTO incarnation(workspace, incarnation, device, name, highest_n, keys_purged_below, acknowledged, "
      "refused, "
      "last_seen, last_command, report) OVERRIDING SYSTEM VALUE SELECT u.* FROM unnest($1::bigint[], $2::bigint[], "
      "$3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], "
      "$11::text[]) u"},
     {"check_devices",
      "DECLARE moved CURSOR FOR SELECT workspace, incarnation, device, name, highest_n, keys_purged_below, "
      "acknowledged, "
      "refused, last_seen, last_command, report FROM incarnation ORDER BY incarnation"}},
    {"keys",
     "iiitttt"
     "iiiiiii"
     "tti"
     "tb",
     "SELECT " OUTPOST_WORKSPACE_OF("c.place") ", " OUTPOST_PLACE_OF(
         "c.place") ", c.kind = 0, c.id, c.key, a.name, f.name, c.incarnation, c.n, c.state, c.revision, "
                    "c.http_status, c.at, c.seq, "
                    "s.collection, c.resource_id, c.resource_version, c.ids, c.fingerprint FROM command c "
                    "JOIN author a ON a.author = c.author JOIN family f ON f.family = c.family "
                    "LEFT JOIN shelf s ON s.shelf = c.resource_shelf ORDER BY c.place",
     {"migrate_keys",
      "INSERT INTO command(workspace, place, claims, id, key, author, family, incarnation, n, state, revision, "
      "http_status, at, alias_of, resource_collection, resource_id, resource_version, ids, fingerprint) "
      "SELECT u.a, u.b, u.c <> 0, u.d, u.e, u.f, u.g, u.h, u.i, u.j::smallint, u.k, u.l::smallint, u.m, u.n, u.o, u.p, "
      "u.q, u.r, u.s FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], "
      "$7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], "
      "$14::bigint[], $15::text[], $16::text[], $17::bigint[], $18::text[], $19::bytea[]) "
      "u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s)"},
     {"check_keys",
      "DECLARE moved CURSOR FOR SELECT workspace, place, claims::integer::bigint, id, key, author, family, "
      "incarnation, n, "
      "state::bigint, revision, http_status::bigint, at, alias_of, resource_collection, resource_id, resource_version, "
      "ids, fingerprint FROM command ORDER BY workspace, place < 0, abs(place)"}},
    {"outcomes",
     "iit",
     "SELECT " OUTPOST_WORKSPACE_OF("place") ", " OUTPOST_PLACE_OF(
         "place") ", body FROM outcome ORDER BY outcome.place",
     {"migrate_outcomes",
      "INSERT INTO outcome(workspace, place, body) SELECT u.* FROM unnest($1::bigint[], $2::bigint[], $3::text[]) u"},
     {"check_outcomes",
      "DECLARE moved CURSOR FOR SELECT workspace, place, body FROM outcome ORDER BY workspace, place < 0, abs(place)"}},
    {"sign-ins",
     "ittt",
     "SELECT workspace, device, user, roles FROM sign_in ORDER BY workspace, device, user",
     {"migrate_sign_ins",
      "INSERT INTO sign_in(workspace, device, author, roles) SELECT u.* FROM unnest($1::bigint[], $2::text[], "
      "$3::text[], $4::text[]) u"},
     {"check_sign_ins",
      "DECLARE moved CURSOR FOR SELECT workspace, device, author, roles FROM sign_in ORDER BY workspace, device, "
      "author"}},
    {"local ids",
     "ittt",
     "SELECT workspace, device, local, id FROM local_id ORDER BY workspace, device, local",
     {"migrate_local_ids",
      "INSERT INTO local_id(workspace, device, local, id) SELECT u.* FROM unnest($1::bigint[], $2::text[], $3::text[], "
      "$4::text[]) u"},
     {"check_local_ids",
      "DECLARE moved CURSOR FOR SELECT workspace, device, local, id FROM local_id ORDER BY workspace, device, local"}},
}};

}  // namespace

const std::array<MigratedTable, 9>& MigratedTables() { return kTables; }

}  // namespace outpost::cli
