#include "server/core/touched.h"

namespace outpost::server {

void AddTouched(const WriteSet& writes, Touched& touched) {
  for (const DocumentWrite& write : writes.documents) {
    if (write.seq.value == 0) continue;
    TouchedPlace place{write.key.collection, write.scope, {}};
    if (write.previous_scope != write.scope) place.previous_scope = write.previous_scope;
    touched.places.push_back(std::move(place));
  }
  for (const DeviceSeen& seen : writes.devices) touched.devices.push_back(seen.device.device);
}

}  // namespace outpost::server
