// Storage in memory that knows what was flushed of it, and what a power cut would leave. For tests.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "wasm/storage.h"

namespace outpost::wasm {

class MemoryStorage : public Storage {
 public:
  Result<std::size_t> Read(StoreFile file, std::uint64_t offset, std::span<char> out) override {
    const std::string& bytes = Of(file).bytes;
    const auto from = std::min<std::uint64_t>(bytes.size(), offset);
    const auto have = std::min<std::uint64_t>(bytes.size() - from, out.size());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), have, out.begin());
    return static_cast<std::size_t>(have);
  }
  Status Write(StoreFile file, std::uint64_t offset, std::string_view data) override {
    ++writes;
    std::string& bytes = Of(file).bytes;
    const auto end = static_cast<std::size_t>(offset) + data.size();
    if (full && end > bytes.size()) return Error{ErrorCode::kFull, "no room"};
    if (bytes.size() < end) bytes.resize(end, '\0');
    std::copy(data.begin(), data.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }
  Status Truncate(StoreFile file, std::uint64_t size) override {
    Of(file).bytes.resize(static_cast<std::size_t>(size), '\0');
    return {};
  }
  Status Flush(StoreFile file) override {
    if (broken) return Error{ErrorCode::kIo, "flush"};
    ++flushes;
    Of(file).durable = Of(file).bytes;
    return {};
  }
  Result<std::uint64_t> Size(StoreFile file) override { return Of(file).bytes.size(); }

  // What a power cut leaves: taken while the store is open, put back once it is closed.
  using Image = std::array<std::string, kStoreFileCount>;
  Image Durable() const {
    Image image;
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = files_[i].durable;
    return image;
  }
  void Restore(const Image& image) {
    for (std::size_t i = 0; i < image.size(); ++i) files_[i] = {image[i], image[i]};
  }

  int writes = 0;
  int flushes = 0;
  bool full = false;    // no file can grow
  bool broken = false;  // nothing can be flushed

 private:
  struct File {
    std::string bytes;
    std::string durable;
  };
  File& Of(StoreFile file) { return files_[static_cast<std::size_t>(file)]; }
  std::array<File, kStoreFileCount> files_;
};

}  // namespace outpost::wasm
