#include "http/message.h"

#include <algorithm>

namespace outpost::http {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

void Headers::Set(std::string name, std::string value) {
  std::erase_if(list_, [&](const Header& header) { return EqualsIgnoreCase(header.name, name); });
  Add(std::move(name), std::move(value));
}

const std::string* Headers::Find(std::string_view name) const {
  for (const Header& header : list_) {
    if (EqualsIgnoreCase(header.name, name)) return &header.value;
  }
  return nullptr;
}

std::string_view Headers::Get(std::string_view name) const {
  const std::string* value = Find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::size_t Headers::Count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      list_.begin(), list_.end(), [&](const Header& header) { return EqualsIgnoreCase(header.name, name); }));
}

}  // namespace outpost::http
