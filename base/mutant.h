// Planted bugs: proof that the simulator and the scenarios would notice. In the build that defines OUTPOST_MUTANTS (and
// ships to nobody) OUTPOST_MUTANT("name") is true once that one bug is switched on; in every other build it is the
// constant false, and the wrong branch is not compiled in. Names and meanings stand in tests/mutants/catalog.cc.
// A planted bug is one small branch beside the right one; it may break a law, never memory.
#pragma once

#ifdef OUTPOST_MUTANTS

#include <string_view>

namespace outpost {

// One bug at a time; empty: none.
void SwitchMutant(std::string_view name);
bool MutantIsOn(std::string_view name);

}  // namespace outpost

#define OUTPOST_MUTANT(name) (::outpost::MutantIsOn(name))

#else

#define OUTPOST_MUTANT(name) false

#endif
