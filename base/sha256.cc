#include "base/sha256.h"

#include <algorithm>
#include <cstring>

#include "base/sha256_blocks.h"

namespace outpost {
namespace {

constexpr std::array<std::uint32_t, 8> kInitialState = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr char kHexDigits[] = "0123456789abcdef";

std::uint32_t RotateRight(std::uint32_t value, int bits) { return (value >> bits) | (value << (32 - bits)); }

std::uint32_t LoadBigEndian(const std::uint8_t* bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) | bytes[3];
}

void FoldBlock(std::uint32_t* state, const std::uint8_t* block) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = LoadBigEndian(block + 4 * i);
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = RotateRight(w[i - 15], 7) ^ RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = RotateRight(w[i - 2], 17) ^ RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  std::array<std::uint32_t, 8> work;
  std::copy_n(state, work.size(), work.begin());
  auto& [a, b, c, d, e, f, g, h] = work;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t sum1 = RotateRight(e, 6) ^ RotateRight(e, 11) ^ RotateRight(e, 25);
    const std::uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + kSha256RoundConstants[i] + w[i];
    const std::uint32_t sum0 = RotateRight(a, 2) ^ RotateRight(a, 13) ^ RotateRight(a, 22);
    const std::uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  for (std::size_t i = 0; i < work.size(); ++i) state[i] += work[i];
}

void Blocks(std::uint32_t* state, const std::uint8_t* data, std::size_t count) {
  static const Sha256BlocksFunction kOfProcessor = Sha256BlocksOfProcessor();
  if (kOfProcessor != nullptr) return kOfProcessor(state, data, count);
  Sha256BlocksPortable(state, data, count);
}

}  // namespace

void Sha256BlocksPortable(std::uint32_t* state, const std::uint8_t* data, std::size_t count) {
  for (; count > 0; --count, data += kSha256BlockBytes) FoldBlock(state, data);
}

Sha256::Sha256() : state_(kInitialState) {}

void Sha256::Update(std::string_view bytes) {
  length_bytes_ += bytes.size();
  auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  if (buffered_ > 0) {
    const std::size_t taken = std::min(left, buffer_.size() - buffered_);
    std::memcpy(buffer_.data() + buffered_, data, taken);
    buffered_ += taken;
    data += taken;
    left -= taken;
    if (buffered_ < buffer_.size()) return;
    Blocks(state_.data(), buffer_.data(), 1);
    buffered_ = 0;
  }
  const std::size_t whole_blocks = left / buffer_.size();
  Blocks(state_.data(), data, whole_blocks);
  buffered_ = left % buffer_.size();
  if (buffered_ > 0) std::memcpy(buffer_.data(), data + whole_blocks * buffer_.size(), buffered_);
}

Digest Sha256::Finish() {
  const std::uint64_t length_bits = length_bytes_ * 8;
  buffer_[buffered_++] = 0x80;
  if (buffered_ > 56) {
    std::memset(buffer_.data() + buffered_, 0, buffer_.size() - buffered_);
    Blocks(state_.data(), buffer_.data(), 1);
    buffered_ = 0;
  }
  std::memset(buffer_.data() + buffered_, 0, 56 - buffered_);
  for (std::size_t i = 0; i < 8; ++i) buffer_[56 + i] = static_cast<std::uint8_t>(length_bits >> (56 - 8 * i));
  Blocks(state_.data(), buffer_.data(), 1);
  Digest digest;
  for (std::size_t i = 0; i < 32; ++i) digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

Digest Sha256Of(std::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes);
  return sha.Finish();
}

std::string ToHex(const Digest& digest) {
  return ToHex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string ToHex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    out.push_back(kHexDigits[static_cast<std::uint8_t>(byte) >> 4]);
    out.push_back(kHexDigits[static_cast<std::uint8_t>(byte) & 15]);
  }
  return out;
}

}  // namespace outpost
