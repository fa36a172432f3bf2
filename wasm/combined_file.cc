#include "wasm/combined_file.h"

#include <algorithm>

namespace outpost::wasm {

Result<std::size_t> CombinedFile::Read(std::uint64_t offset, std::span<char> out) {
  if (Overlaps(offset, out.size())) {
    const bool within = held_from_ <= offset && offset + out.size() <= held_end();
    if (within) {
      std::copy_n(held_.begin() + static_cast<std::ptrdiff_t>(offset - held_from_), out.size(), out.begin());
      return out.size();
    }
    OUTPOST_CHECK(Drain());
  }
  return storage_.Read(file_, offset, out);
}

Status CombinedFile::Write(std::uint64_t offset, std::string_view bytes) {
  const bool joins = !held_.empty() && held_from_ <= offset && offset <= held_end();
  if (!joins || held_.size() + bytes.size() > kCombinedBytesMax) {
    OUTPOST_CHECK(Drain());
    held_from_ = offset;
  }
  const auto at = static_cast<std::size_t>(offset - held_from_);
  held_.replace(at, bytes.size(), bytes);  // what lies beyond the end is added
  return {};
}

Status CombinedFile::Truncate(std::uint64_t size) {
  OUTPOST_CHECK(storage_.Truncate(file_, size));
  if (size <= held_from_) {
    held_.clear();
  } else if (size < held_end()) {
    held_.resize(static_cast<std::size_t>(size - held_from_));
  }
  return {};
}

Status CombinedFile::Drain() {
  if (held_.empty()) return {};
  OUTPOST_CHECK(storage_.Write(file_, held_from_, held_));
  held_.clear();
  return {};
}

Status CombinedFile::Flush() {
  OUTPOST_CHECK(Drain());
  return storage_.Flush(file_);
}

Result<std::uint64_t> CombinedFile::Size() {
  OUTPOST_TRY(const std::uint64_t stored, storage_.Size(file_));
  return held_.empty() ? stored : std::max(stored, held_end());
}

}  // namespace outpost::wasm
