// Old versions of command types (O14, B9). What an older release queued or goes on sending keeps its type and payload
// for ever: keys and fingerprints are over what was sent, and a stored payload is never rewritten. Only in memory, when
// its rule runs, it is said in the words of the newest version, one version at a time.
//
// A version that was once released stays: it is accepted for good, on devices and servers. An upcaster loses nothing,
// and what it makes of a well-formed payload is well-formed in the next version.
#pragma once

#include "rules/rule.h"

namespace outpost::rules {

// Itself, when it is no old version.
const CommandType& NewestVersion(const CommandType& type);

// `payload` has passed the schema of `type`.
json::object Upcast(const CommandType& type, const json::object& payload);

}  // namespace outpost::rules
