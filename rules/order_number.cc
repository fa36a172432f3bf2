#include "rules/order_number.h"

#include <array>

#include "rules/derived_id.h"

namespace outpost::rules {
namespace {

constexpr std::size_t kShortest = 4;
// Asked for all at once, so that a collision costs one more round trip and never two.
constexpr std::array<std::size_t, 6> kLonger = {5, 6, 7, 8, 10, 26};

enum class Claim { kUnknown, kFree, kOurs, kTaken, kNotHeld };

DocumentKey ClaimKey(Timestamp now, std::string_view number) {
  std::string id = UtcDay(now);
  id.append("-").append(number);
  return {CollectionName("_order_number"), DocumentId(std::move(id))};
}

std::string CodeOf(const DocumentId& order) { return HashCode("order-number/" + order.value, kLonger.back()); }

Claim LookUp(const DocumentKey& key, const DocumentId& order, Documents& documents) {
  const std::optional<Snapshot> snapshot = documents.Find(key);
  if (!snapshot) return Claim::kUnknown;
  switch (snapshot->holding) {
    case Holding::kAbsent:
      return Claim::kFree;
    case Holding::kNotHeld:
      return Claim::kNotHeld;
    case Holding::kFound:
      break;
  }
  return StringOr(*snapshot->body, "order") == order.value ? Claim::kOurs : Claim::kTaken;
}

OrderNumber Take(std::string number, DocumentKey key, Claim claim, const DocumentId& order) {
  OrderNumber result{std::move(number), std::nullopt};
  if (claim == Claim::kFree) result.claim = Write{std::move(key), Access::kCreates, Put{{{"order", order.value}}}};
  return result;
}

std::optional<OrderNumber> ChooseLonger(const Context& context, const std::string& code, const DocumentId& order,
                                        Documents& documents) {
  std::optional<OrderNumber> chosen;
  bool all_known = true;
  for (const std::size_t length : kLonger) {
    std::string number = code.substr(0, length);
    DocumentKey key = ClaimKey(context.now, number);
    const Claim claim = LookUp(key, order, documents);
    if (claim == Claim::kUnknown) all_known = false;
    // 130 bits are taken as unique: two orders that share them share a hash.
    if (!chosen && (claim != Claim::kTaken || length == kLonger.back())) {
      chosen = Take(std::move(number), std::move(key), claim, order);
    }
  }
  return all_known ? std::move(chosen) : std::nullopt;
}

}  // namespace

std::optional<OrderNumber> ChooseOrderNumber(const Context& context, const DocumentId& order, Documents& documents) {
  const std::string code = CodeOf(order);
  std::string number = code.substr(0, kShortest);
  DocumentKey key = ClaimKey(context.now, number);
  const Claim claim = LookUp(key, order, documents);
  if (claim == Claim::kUnknown) return std::nullopt;
  if (claim == Claim::kTaken) return ChooseLonger(context, code, order, documents);
  return Take(std::move(number), std::move(key), claim, order);
}

DocumentKey FirstNumberClaim(Timestamp now, const DocumentId& order) {
  return ClaimKey(now, CodeOf(order).substr(0, kShortest));
}

}  // namespace outpost::rules
