// The order that the comparable workloads write: three lines and a note, about 400 bytes as JSON, the size that the
// other engines were measured with.
#pragma once

#include <string>

#include "protocol/json.h"

namespace outpost::bench {

inline json::object WorkloadOrder(std::int64_t i) {
  static constexpr const char* kNames[] = {"Flat white",      "Margherita pizza", "House red 175ml", "Caesar salad",
                                           "Sparkling water", "Tiramisu",         "Ribeye 300g",     "Focaccia"};
  const auto padded = [](std::int64_t number, std::size_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  json::array items;
  for (std::int64_t k = 0; k < 3; ++k) {
    items.push_back(json::object{{"sku", "SKU-" + padded((i * 7 + k * 13) % 100000, 6)},
                                 {"name", kNames[(i + k) % 8]},
                                 {"quantity", 1 + (i + k) % 4},
                                 {"unitPrice", 350 + (i * 31 + k * 97) % 2500}});
  }
  items[0].get_object()["note"] = "seat " + std::to_string(i % 8) +
                                  "; no allergens declared; opened at till 3 by server id 0042; covers " +
                                  std::to_string(1 + i % 6) + "; split by item";
  return {{"id", "order-" + padded(i, 9)}, {"tableId", "table-" + std::to_string(i % 60)}, {"items", std::move(items)}};
}

}  // namespace outpost::bench
