// A question to the local store: which documents of a collection, in which order, how many. Values only; QueryStore
// answers it, Device hands it on.
//
// What a field holds is compared by kind first: absent or null < numbers < texts. Numbers compare by value, texts byte
// by byte (UTF-8). true and false are the numbers 1 and 0. A field that holds an object or a list is compared as some
// text: it can be found "not null", nothing more is promised.
//   equality   with null finds documents where the field is null or absent.
//   a range    finds values of the bound's own kind only: "> 5" finds no text and no null.
//   order      absent and null first (last when descending); equal values by id, in the same direction.
//              Without an order: by id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "protocol/ids.h"

namespace outpost::engine {

inline constexpr std::size_t kQueryConditionsMax = 8;
inline constexpr std::size_t kIndexFieldsMax = 4;
inline constexpr std::size_t kIndexesMax = 64;
inline constexpr std::size_t kFieldLengthMax = 128;

// monostate: null, or absent.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

enum class Comparison { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
enum class Direction { kAscending, kDescending };

struct Condition {
  std::string field;  // "status", or a path: "payment.method"
  Comparison comparison = Comparison::kEqual;
  FieldValue value;
};

struct Order {
  std::string field;
  Direction direction = Direction::kAscending;
};

struct Query {
  CollectionName collection;
  std::vector<Condition> where;  // all of them
  std::optional<Order> order;
  std::size_t limit = 0;  // 0: all
};

// Makes queries quick that compare the first fields for equality and order by, or take a range of, the next one. Any
// query is answered without one too, by reading the whole collection.
struct IndexDeclaration {
  CollectionName collection;
  std::vector<std::string> fields;

  friend bool operator==(const IndexDeclaration& a, const IndexDeclaration& b) {
    return a.collection == b.collection && a.fields == b.fields;
  }
};

// 1–128 of names of [A-Za-z0-9_-] joined by dots: nothing that could end a string in SQL or a path in JSON.
bool IsValidField(std::string_view field);
// kInvalidArgument, naming what is wrong.
Status Validate(const Query& query);
Status Validate(const IndexDeclaration& index);

}  // namespace outpost::engine
