#include "base/sha256_blocks.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace outpost {

#if defined(__x86_64__)
namespace {

// The instructions want the state as (a,b,e,f) and (c,d,g,h), highest lane first, and do two rounds at a time.
__attribute__((target("sha,sse4.1,ssse3"))) void BlocksX86(std::uint32_t* state, const std::uint8_t* data,
                                                           std::size_t count) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  auto* const low = reinterpret_cast<__m128i*>(state);
  auto* const high = reinterpret_cast<__m128i*>(state + 4);
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(low), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(high), 0x1B);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  for (; count > 0; --count, data += kSha256BlockBytes) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    __m128i w[16];  // four words of the message schedule each
    for (int i = 0; i < 16; ++i) {
      if (i < 4) {
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + i), big_endian);
      } else {
        const __m128i partial = _mm_sha256msg1_epu32(w[i - 4], w[i - 3]);
        w[i] = _mm_sha256msg2_epu32(_mm_add_epi32(partial, _mm_alignr_epi8(w[i - 1], w[i - 2], 4)), w[i - 1]);
      }
      const auto* constants = reinterpret_cast<const __m128i*>(kSha256RoundConstants) + i;
      const __m128i added = _mm_add_epi32(w[i], _mm_loadu_si128(constants));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, added);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(added, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(low, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(high, _mm_alignr_epi8(dchg, feba, 8));
}

bool ProcessorHasSha() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  const bool has_ssse3 = (ecx & (1u << 9)) != 0;
  const bool has_sse41 = (ecx & (1u << 19)) != 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  return has_ssse3 && has_sse41 && (ebx & (1u << 29)) != 0;
}

}  // namespace

Sha256BlocksFunction Sha256BlocksOfProcessor() { return ProcessorHasSha() ? BlocksX86 : nullptr; }
#else
Sha256BlocksFunction Sha256BlocksOfProcessor() { return nullptr; }
#endif

}  // namespace outpost
