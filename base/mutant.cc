#include "base/mutant.h"

#ifdef OUTPOST_MUTANTS

#include <string>

namespace outpost {
namespace {

// The one mutable global of the house, and only in the build of the planted bugs: a bug must reach code whose
// parameters know nothing of it.
std::string& Current() {
  static std::string name;
  return name;
}

}  // namespace

void SwitchMutant(std::string_view name) { Current() = name; }
bool MutantIsOn(std::string_view name) { return !name.empty() && Current() == name; }

}  // namespace outpost

#endif
