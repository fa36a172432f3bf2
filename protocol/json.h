// JSON as the protocol takes it: stricter than the library. Both sides parse with ParseJson, so that what one accepts
// the other accepts, and write fingerprints over CanonicalJson (RFC 8785).
// Refused as malformed: nesting deeper than 32, duplicate keys, lone surrogates, NUL in strings, integers or numbers
// beyond ±(2^53−1), invalid UTF-8, anything after the value.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost {

namespace json = boost::json;

inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::int64_t kIntegerMax = 9007199254740991;  // 2^53 − 1: what a browser holds exactly

// kInvalidArgument with a position where the text is not such JSON. `storage` holds the result's memory.
Result<json::value> ParseJson(std::string_view text, json::storage_ptr storage = {});

// RFC 8785: keys sorted by UTF-16 code units, shortest numbers, minimal escapes.
std::string CanonicalJson(const json::value& value);
void AppendCanonicalJson(std::string& out, const json::value& value);
void AppendCanonicalJson(std::string& out, const json::object& object);

// Plain compact JSON in the objects' own key order; numbers and escapes as in the canonical form.
std::string ToJson(const json::value& value);
std::string ToJson(const json::object& object);
void AppendJson(std::string& out, const json::value& value);
// Appends `text` as a JSON string, quotes included.
void AppendJsonString(std::string& out, std::string_view text);

// The member, or null when the object has none.
const json::value* Find(const json::object& object, std::string_view name);
// The member's text, or empty when it is absent or no string.
std::string_view StringOr(const json::object& object, std::string_view name, std::string_view fallback = {});
// The member's whole number, or the fallback when it is absent or no integer.
std::int64_t IntegerOr(const json::object& object, std::string_view name, std::int64_t fallback);
// Whole numbers arrive signed or unsigned from the parser, and 3.0 is the whole number 3.
bool IsInteger(const json::value& value);
std::int64_t AsInteger(const json::value& value);

}  // namespace outpost
