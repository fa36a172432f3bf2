#include "rules/upcast.h"

#include "base/assert.h"

namespace outpost::rules {
namespace {

const CommandType& NextVersion(const CommandType& type) {
  const CommandType* next = FindType(type.family, type.version + 1);
  OUTPOST_ASSERT(next != nullptr);
  return *next;
}

}  // namespace

const CommandType& NewestVersion(const CommandType& type) {
  const CommandType* newest = &type;
  while (newest->upcast != nullptr) newest = &NextVersion(*newest);
  return *newest;
}

json::object Upcast(const CommandType& type, const json::object& payload) {
  json::object newest = payload;
  for (const CommandType* version = &type; version->upcast != nullptr; version = &NextVersion(*version)) {
    newest = version->upcast(newest);
  }
  return newest;
}

}  // namespace outpost::rules
