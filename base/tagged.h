// Tagged<Tag, T>: a type per identifier, so that two bare strings or integers never stand side by side in a signature.
// Costs nothing at run time. Ordered by value, so that containers iterate in a stable order.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace outpost {

template <class Tag, class T>
struct Tagged {
  T value{};

  Tagged() = default;
  explicit Tagged(T initial) : value(std::move(initial)) {}

  friend bool operator==(const Tagged& a, const Tagged& b) { return a.value == b.value; }
  friend bool operator!=(const Tagged& a, const Tagged& b) { return !(a == b); }
  friend bool operator<(const Tagged& a, const Tagged& b) { return a.value < b.value; }
  friend bool operator>(const Tagged& a, const Tagged& b) { return b < a; }
  friend bool operator<=(const Tagged& a, const Tagged& b) { return !(b < a); }
  friend bool operator>=(const Tagged& a, const Tagged& b) { return !(a < b); }
};

}  // namespace outpost

template <class Tag, class T>
struct std::hash<outpost::Tagged<Tag, T>> {
  std::size_t operator()(const outpost::Tagged<Tag, T>& tagged) const noexcept { return std::hash<T>{}(tagged.value); }
};
