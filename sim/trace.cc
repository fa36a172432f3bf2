#include "sim/trace.h"

#include <array>
#include <cstdio>

namespace outpost::sim {

void Trace::Line(Milliseconds elapsed, std::string_view who, std::string_view what) {
  std::array<char, 48> stamp{};
  const auto ms = static_cast<long long>(elapsed.count());
  std::snprintf(stamp.data(), stamp.size(), "%5lld:%02lld.%03lld ", ms / 60000, ms / 1000 % 60, ms % 1000);
  std::string line(stamp.data());
  line.append(who).append(who.size() < 6 ? 6 - who.size() : 0, ' ').append(" ").append(what);
  for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  ++count_;
  if (echo_) echo_(line);
  lines_.push_back(std::move(line));
  if (lines_.size() > keep_) lines_.pop_front();
}

}  // namespace outpost::sim
