#include "cli/replay_summary.h"

#include <cstdio>
#include <string_view>

namespace outpost::cli {
namespace {

std::string Grouped(std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return number < 0 ? "-" + digits : digits;
}

std::string Money(std::int64_t minor) {
  const std::int64_t size = minor < 0 ? -minor : minor;
  char cents[8];
  std::snprintf(cents, sizeof cents, ".%02d", static_cast<int>(size % 100));
  return (minor < 0 ? "-" : "") + Grouped(size / 100) + cents;
}

std::string Row(std::string_view name, const std::string& played, const std::string& server) {
  char line[160];
  std::snprintf(line, sizeof line, "%-10.*s %20s %20s%s\n", static_cast<int>(name.size()), name.data(), played.c_str(),
                server.c_str(), server.empty() || played == server ? "" : "   differs");
  return line;
}

std::string Fixed(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

void Member(std::string& out, std::string_view name, const std::string& value) {
  out += out.empty() ? "{\"" : ",\"";
  out.append(name).append("\":").append(value);
}

}  // namespace

bool ReplaySummary::agrees() const {
  return complete && waiting == 0 && refused == 0 && played.orders == server.orders && played.items == server.items &&
         played.amount == server.amount && server.duplicates == 0 && server.differing == 0 && server.missing == 0;
}

std::string ToTable(const ReplaySummary& summary) {
  const ServerCount& server = summary.server;
  std::string out = std::string(25, ' ') + "played" + std::string(8, ' ') + "on the server\n";
  out += Row("orders", Grouped(summary.played.orders), Grouped(server.orders));
  out += Row("lines", Grouped(summary.played.lines), "");
  out += Row("items", Grouped(summary.played.items), Grouped(server.items));
  out += Row("amount", Money(summary.played.amount), Money(server.amount));
  out += "duplicates " + Grouped(server.duplicates) + ", differing " + Grouped(server.differing) + ", missing " +
         Grouped(server.missing) + ", waiting " + Grouped(summary.waiting) + ", refused " + Grouped(summary.refused) +
         ", lines skipped " + Grouped(summary.skipped_lines) + "\n";
  out += Fixed(summary.seconds, 1) + " s, " + Fixed(summary.commands_per_second, 0) + " commands per second\n";
  out += summary.agrees() ? "Both sides agree.\n" : "The two sides do not agree.\n";
  return out;
}

// By hand: the order of the members is the protocol's, and numbers stay plain decimals.
std::string ToJson(const ReplaySummary& summary) {
  std::string out;
  Member(out, "orders", std::to_string(summary.played.orders));
  Member(out, "lines", std::to_string(summary.played.lines));
  Member(out, "items", std::to_string(summary.played.items));
  Member(out, "amount", std::to_string(summary.played.amount));
  Member(out, "ordersOnServer", std::to_string(summary.server.orders));
  Member(out, "itemsOnServer", std::to_string(summary.server.items));
  Member(out, "amountOnServer", std::to_string(summary.server.amount));
  Member(out, "duplicates", std::to_string(summary.server.duplicates));
  Member(out, "waiting", std::to_string(summary.waiting));
  Member(out, "refused", std::to_string(summary.refused));
  Member(out, "skippedLines", std::to_string(summary.skipped_lines));
  Member(out, "seconds", Fixed(summary.seconds, 3));
  Member(out, "commandsPerSecond", Fixed(summary.commands_per_second, 1));
  return out + "}";
}

}  // namespace outpost::cli
