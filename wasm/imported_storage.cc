#include "wasm/imported_storage.h"

#include <string>

// Offsets travel as doubles: exact up to 2^53, and the host needs no 64-bit integers.
#define OUTPOST_IMPORT(name) __attribute__((import_module("env"), import_name(#name)))

extern "C" {
OUTPOST_IMPORT(outpost_file_read) double outpost_file_read(int file, double offset, char* out, std::size_t size);
OUTPOST_IMPORT(outpost_file_write) int outpost_file_write(int file, double offset, const char* bytes, std::size_t size);
OUTPOST_IMPORT(outpost_file_truncate) int outpost_file_truncate(int file, double size);
OUTPOST_IMPORT(outpost_file_flush) int outpost_file_flush(int file);
OUTPOST_IMPORT(outpost_file_size) double outpost_file_size(int file);
}

namespace outpost::wasm {
namespace {

constexpr int kHostFull = -2;  // any other negative number: the file failed

Status Judge(double code, const char* during) {
  if (code >= 0) return {};
  const bool full = static_cast<int>(code) == kHostFull;
  return Error{full ? ErrorCode::kFull : ErrorCode::kIo,
               std::string(during) + (full ? ": no room in the browser's storage" : ": the browser's storage failed")};
}

}  // namespace

Result<std::size_t> ImportedStorage::Read(StoreFile file, std::uint64_t offset, std::span<char> out) {
  const double read = outpost_file_read(static_cast<int>(file), static_cast<double>(offset), out.data(), out.size());
  OUTPOST_CHECK(Judge(read, "read"));
  return static_cast<std::size_t>(read);
}

Status ImportedStorage::Write(StoreFile file, std::uint64_t offset, std::string_view bytes) {
  return Judge(outpost_file_write(static_cast<int>(file), static_cast<double>(offset), bytes.data(), bytes.size()),
               "write");
}

Status ImportedStorage::Truncate(StoreFile file, std::uint64_t size) {
  return Judge(outpost_file_truncate(static_cast<int>(file), static_cast<double>(size)), "truncate");
}

Status ImportedStorage::Flush(StoreFile file) { return Judge(outpost_file_flush(static_cast<int>(file)), "flush"); }

Result<std::uint64_t> ImportedStorage::Size(StoreFile file) {
  const double size = outpost_file_size(static_cast<int>(file));
  OUTPOST_CHECK(Judge(size, "size"));
  return static_cast<std::uint64_t>(size);
}

}  // namespace outpost::wasm
