// One file of the store as SQLite writes it: piece by piece, mostly one after the other. What follows on is put
// together and reaches the storage in one piece, when it has to be read elsewhere, synced, or is large enough.
//
// A piece that the storage did not take stays here and is offered again: SQLite was told that it had been written.
#pragma once

#include <string>

#include "wasm/storage.h"

namespace outpost::wasm {

inline constexpr std::size_t kCombinedBytesMax = std::size_t{1} << 20;

class CombinedFile {
 public:
  CombinedFile(Storage& storage, StoreFile file) : storage_(storage), file_(file) {}

  // Bytes that are there, of those asked for.
  Result<std::size_t> Read(std::uint64_t offset, std::span<char> out);
  Status Write(std::uint64_t offset, std::string_view bytes);
  Status Truncate(std::uint64_t size);
  // Hands over what is held back. Not a flush.
  Status Drain();
  Status Flush();
  Result<std::uint64_t> Size();

 private:
  std::uint64_t held_end() const { return held_from_ + held_.size(); }
  bool Overlaps(std::uint64_t offset, std::size_t size) const {
    return !held_.empty() && offset < held_end() && held_from_ < offset + size;
  }

  Storage& storage_;
  StoreFile file_;
  std::uint64_t held_from_ = 0;
  std::string held_;
};

}  // namespace outpost::wasm
