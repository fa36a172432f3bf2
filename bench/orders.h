// The order that every benchmark writes: about 400 bytes, four lines, three stations.
#pragma once

#include <string>

#include "protocol/json.h"

namespace outpost::bench {

inline json::object OrderPayload(const std::string& id) {
  json::array items;
  const auto add = [&items](const char* sku, const char* name, int quantity, int price, const char* station) {
    items.push_back(
        json::object{{"sku", sku}, {"name", name}, {"quantity", quantity}, {"unitPrice", price}, {"station", station}});
  };
  add("MARG", "Pizza Margherita", 2, 950, "pizza");
  add("CAES", "Caesar salad", 1, 1040, "kitchen");
  add("BEER", "Draught beer 0.5 l", 2, 490, "bar");
  add("TIRA", "Tiramisu", 1, 690, "kitchen");
  return {{"id", id}, {"tableId", "table-7"}, {"items", std::move(items)}};
}

}  // namespace outpost::bench
