// One mapper for every REST write: a request becomes the same command that /sync/commands would carry, so that a write
// tried by one and replayed by the other meets one key and takes effect once.
#pragma once

#include <string>
#include <variant>

#include "server/routes/call.h"
#include "server/routes/rest_key.h"

namespace outpost::server {

// A row of the table "route → command". Path parameters are named like the payload fields they fill.
struct CommandRoute {
  const char* method;
  const char* pattern;
  const char* type;  // "ORDER_CREATE_V1"
  const char* summary;
  // Where the created resource is found, its id appended, {collection} filled in; null: the route creates nothing.
  const char* location;
};

struct RestWrite {
  Command command;
  bool keyed = false;
  Guard guard;
};

// A key that is a ULID is the command's id too, and so the id of what the command creates; unless that id already
// belongs to a command of another author or family, whose key is another one: then the command gets an id of its own.
enum class IdChoice { kFromKey, kFresh };

// Problem: MALFORMED_JSON, VALIDATION_FAILED, IDEMPOTENCY_KEY_INVALID, INVALID_PARAMETER, NOT_FOUND,
// PAYMENT_UNAVAILABLE.
std::variant<RestWrite, Problem> ReadRestWrite(const CommandRoute& route, Services& services, const Call& call,
                                               IdChoice choice);

// The route's own status and body; the same bytes each time the same key comes.
http::Response RestAnswer(const CommandRoute& route, const Call& call, const RestWrite& write,
                          const SubmissionResult& result);

// The whole way: read, submit, answer after the commit.
void HandleRestWrite(Services& services, const CommandRoute& route, const CallPtr& call,
                     IdChoice choice = IdChoice::kFromKey);

}  // namespace outpost::server
