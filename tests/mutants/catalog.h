// The planted bugs (base/mutant.h): what each breaks. tests/house_rules_test.py holds this list against the code: every
// planted name stands here, and every name here is planted.
#pragma once

#include <span>
#include <string_view>

namespace outpost::mutants {

struct Mutant {
  std::string_view name;
  std::string_view what;
};

std::span<const Mutant> Catalog();

}  // namespace outpost::mutants
