// POST /sync/commands, both directions. The server writes results as text with stored documents spliced in, never
// parsed to be sent; the device reads them back into the same struct.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/command.h"
#include "protocol/problem.h"

namespace outpost {

inline constexpr std::size_t kBatchCommandsMax = 1000;
inline constexpr std::size_t kBatchBytesMax = 8u << 20;

// What a device says of itself with every batch; the server shows it in the fleet view.
struct DeviceReport {
  std::int64_t waiting = 0;
  std::string oldest_created_at;
  std::int64_t quarantined = 0;
  std::string clock;
  std::string release;
};

struct PushRequest {
  // Holds the payloads of a request that was read from text. Commands moved out of the request must not outlive it, nor
  // must JSON copied from a payload: in Boost.JSON a copy stays in its source's storage. To keep something longer, name
  // other storage: json::object(payload, json::storage_ptr()).
  std::unique_ptr<json::monotonic_resource> memory;
  std::optional<DeviceId> device;
  std::optional<Incarnation> incarnation;
  std::optional<Epoch> epoch;
  std::optional<DeviceReport> report;
  std::vector<Command> commands;
};

// Reads a request body that ParseJson took. The Problem is the whole request's: MALFORMED_JSON naming the index,
// BATCH_TOO_LARGE, INVALID_PARAMETER. A malformed report is left out: it must not hold up the commands.
std::variant<PushRequest, Problem> PushRequestFromJson(const json::value& body);
// Parses and reads; the payloads stay where they were parsed, in the request's own memory. MALFORMED_JSON also for what
// ParseJson refuses.
std::variant<PushRequest, Problem> PushRequestFromText(std::string_view body);

// A document at a sequence, as feeds and answers list it.
struct Change {
  Sequence seq;
  DocumentKey key;
  Version version;
  std::string doc;     // JSON text; empty = gone
  std::string reason;  // "deleted" or "left" when gone
};

enum class WireStatus { kSucceeded, kConflict, kFailed, kBlocked, kRetry };
std::string_view Name(WireStatus status);

struct CommandResult {
  CommandId id;
  std::string fingerprint;  // hexadecimal: proves that this answer is to that very command
  WireStatus status = WireStatus::kRetry;
  int http_status = 503;
  bool replayed = false;
  bool outcome_purged = false;  // the server's own: the key is known, its first answer is not; not on the wire
  bool redacted = false;        // known key, but its body is no longer the author's to see
  std::optional<Sequence> seq;
  std::string body;  // JSON text of the resource; empty = none
  std::vector<Change> changes;
  std::vector<std::pair<std::string, std::string>> ids;  // local id → server id
  std::optional<Problem> problem;                        // unless kSucceeded
  std::int64_t retry_after_ms = 0;                       // kRetry only
};

struct PushResponse {
  Epoch epoch;
  std::optional<Cursor> head;
  std::optional<CommandNumber> highest_n;
  std::vector<CommandResult> results;
};

std::string ToJson(const PushResponse& response);
// kInvalidArgument when the text is not such a response: to the device that is a broken connection, not an answer.
Result<PushResponse> PushResponseFromJson(std::string_view text);

// {"seq","collection","id","version","doc"[,"reason"]}
void AppendChangeJson(std::string& out, const Change& change);
// `text` is the text `value` was parsed from: the document is then taken from it as it stands. Without, it is written
// anew.
Result<Change> ChangeFromJson(const json::value& value, std::string_view text = {});

}  // namespace outpost
