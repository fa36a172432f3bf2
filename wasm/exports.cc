// The module's border: two functions and memory. Texts travel in frames.
//
//   in   u32 count, then per operation u32 text bytes, u32 attachment bytes, then all texts and attachments in turn
//   out  u32 count, then per text u32 bytes, then all texts in turn; valid until the next call
//
// The host writes a frame into memory it got from outpost_allocate, which outpost_perform frees.
#include <cstdlib>
#include <cstring>

#include "wasm/imported_storage.h"
#include "wasm/session.h"

namespace outpost::wasm {
namespace {

// Of a whole frame; the host splits what is longer.
constexpr std::size_t kFrameBytesMax = std::size_t{1} << 30;

// A module instance is one session: its worker makes another instance for another store.
struct Module {
  ImportedStorage storage;
  Session session{storage};
  std::string answer;
};

Module& TheModule() {
  static Module module;
  return module;
}

std::uint32_t ReadNumber(const char* at) {
  std::uint32_t number = 0;
  std::memcpy(&number, at, sizeof(number));
  return number;
}

void AppendNumber(std::string& out, std::size_t number) {
  const auto value = static_cast<std::uint32_t>(number);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::vector<Operation> Unpack(const char* frame) {
  const std::uint32_t count = ReadNumber(frame);
  OUTPOST_ASSERT(count <= kOperationsMax);
  const char* lengths = frame + sizeof(std::uint32_t);
  const char* bytes = lengths + count * 2 * sizeof(std::uint32_t);
  std::vector<Operation> operations;
  operations.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t text = ReadNumber(lengths + i * 8);
    const std::size_t attachment = ReadNumber(lengths + i * 8 + 4);
    operations.push_back({{bytes, text}, {bytes + text, attachment}});
    bytes += text + attachment;
  }
  return operations;
}

std::string Pack(const std::vector<std::string>& texts) {
  std::string frame;
  std::size_t size = sizeof(std::uint32_t) * (texts.size() + 1);
  for (const std::string& text : texts) size += text.size();
  OUTPOST_ASSERT(size <= kFrameBytesMax);
  frame.reserve(size);
  AppendNumber(frame, texts.size());
  for (const std::string& text : texts) AppendNumber(frame, text.size());
  for (const std::string& text : texts) frame += text;
  return frame;
}

}  // namespace
}  // namespace outpost::wasm

extern "C" {

__attribute__((export_name("outpost_allocate"))) char* outpost_allocate(std::size_t size) {
  return static_cast<char*>(std::malloc(size));
}

__attribute__((export_name("outpost_perform"))) const char* outpost_perform(char* frame, double now_ms) {
  using namespace outpost;
  wasm::Module& module = wasm::TheModule();
  const auto operations = wasm::Unpack(frame);
  const auto texts = module.session.Perform(operations, Timestamp{static_cast<std::int64_t>(now_ms)});
  std::free(frame);
  module.answer = wasm::Pack(texts);
  return module.answer.data();
}
}
