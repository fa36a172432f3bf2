// What the order rules share: the parts of an order's body, its line schema, its sums, and how a refusal speaks of it.
//
// An order: number, tableId, status (NEW, SENT, CLOSED, CANCELLED), items, total, currency, paid; once money moved also
// payments and balanceDue; once closed by a payment also change; once sent also tickets (ids).
// A line: lineId, sku, name, quantity, unitPrice, station?, note?, sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/payload_reader.h"
#include "rules/rule.h"

namespace outpost::rules {

inline constexpr std::size_t kItemsPerCommandMax = 1000;
inline constexpr std::size_t kOrderLinesMax = 10'000;

enum class OrderStatus { kNew, kSent, kClosed, kCancelled };

DocumentKey OrderKey(std::string_view id);
OrderStatus StatusOf(const json::object& order);
// NEW or SENT: lines may still change.
bool IsOpen(OrderStatus status);

// Found, absent or not held; nullopt: not loaded yet. `payload` has been validated.
std::optional<Snapshot> FindOrder(const json::object& payload, Documents& documents);

// Whether an optional field of a validated payload is there and not null.
bool HasValue(const json::object& payload, std::string_view field);
// Copies a text field when it has a value.
void CopyText(const json::object& from, std::string_view field, json::object& to);

void CheckItems(PayloadReader& reader, Presence presence);
// The lines that `items` become; ids follow from the command.
json::array MakeLines(const Context& context, const json::array& items);
json::array* LinesOf(json::object& order);

// Sets total, and balanceDue once money has moved. False: beyond ±(2^53−1), or too many lines; the order is then
// unusable.
[[nodiscard]] bool Recalculate(json::object& order);

Refusal TotalTooLarge();
// INVALID_STATE_TRANSITION on this order.
Refusal NotWhile(const DocumentKey& key, const json::object& order, std::string_view action);

// Applied with one write to the order, or a refusal when its sums are out of range.
Outcome WriteOrder(const DocumentKey& key, json::object&& order, Access access);
// 200 with the order as it stands; nothing is written.
Outcome NothingToDo(const DocumentKey& key);

}  // namespace outpost::rules
