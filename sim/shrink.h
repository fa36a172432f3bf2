// Makes a failing seed smaller: fewer steps, fewer devices, fewer faults, as long as some law still breaks.
#pragma once

#include "sim/world.h"

namespace outpost::sim {

// `options` become those of the smallest failing run found, whose report is returned.
WorldReport Shrink(WorldOptions& options, WorldReport failing);

}  // namespace outpost::sim
