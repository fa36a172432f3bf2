#include "rules/derived_fields.h"

namespace outpost::rules {

void DeriveFields(const CollectionName& collection, json::object& body) {
  if (collection.value != "stock") return;
  const json::value* counted = Find(body, "counted");
  const bool is_counted = counted != nullptr && counted->is_bool() && counted->get_bool();
  const std::int64_t on_hand = IntegerOr(body, "onHand", 0);
  body["oversold"] = is_counted && on_hand < 0 ? -on_hand : std::int64_t{0};
}

}  // namespace outpost::rules
