// The queue as a file (B8, R8): what this device accepted and nobody has settled, to be carried to another device, or
// back to this one. Every command keeps its id, author, key, revision and time, so that the server takes each once,
// whoever brings it and however often; only its number is the importing device's own.
//
// Text, a JSON object per line:
//   {"format":"outpost-queue","version":1,"workspace":…,"device":…,"exportedAt":…,"commands":N}
//   {"command":{an entry of POST /sync/commands, without n},"status":"PENDING","fingerprint":…,"problem":{…}?}   N
//   times
//   {"end":N,"sha256":of every byte before this line}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/command_record.h"

namespace outpost::engine {

inline constexpr int kQueueFileVersion = 1;
inline constexpr std::size_t kQueueFileBytesMax = std::size_t{512} << 20;

struct QueueFile {
  WorkspaceId workspace;
  DeviceId device;  // that wrote it
  Timestamp exported_at;
  std::vector<CommandRecord> commands;  // in order of execution; position, incarnation and n are not part of it
};

std::string ToText(const QueueFile& file);
// Whole or not at all. kInvalidArgument: no such file, a newer format, cut off, altered, or a command whose content is
// not what its fingerprint says; the message names the line.
Result<QueueFile> QueueFileFromText(std::string_view text);

// What an export holds, in short: unchanged as long as no command came, went or changed its revision or status.
std::string DigestOf(const QueueFile& file);

}  // namespace outpost::engine
