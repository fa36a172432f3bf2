// Storage by functions that the module imports from its host (web/client/src/engine/module.ts). The host catches what
// its handles throw and answers with a code; nothing is thrown across the border.
#pragma once

#include "wasm/storage.h"

namespace outpost::wasm {

class ImportedStorage : public Storage {
 public:
  Result<std::size_t> Read(StoreFile file, std::uint64_t offset, std::span<char> out) override;
  Status Write(StoreFile file, std::uint64_t offset, std::string_view bytes) override;
  Status Truncate(StoreFile file, std::uint64_t size) override;
  Status Flush(StoreFile file) override;
  Result<std::uint64_t> Size(StoreFile file) override;
};

}  // namespace outpost::wasm
