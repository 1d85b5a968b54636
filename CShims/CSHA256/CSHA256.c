#include "CSHA256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// FIPS 180-4, section 4.2.2.
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

int csha256_is_supported(void) {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & bit_SHA)) return 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_SSSE3) && (ecx & bit_SSE4_1);
}

#define WITH_SHA __attribute__((target("sha,ssse3,sse4.1")))

// One message's a…h, in the order that SHA256RNDS2 wants them: ABEF and CDGH, highest lane first.
// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, SHA256RNDS2.
struct lane {
  __m128i abef, cdgh;
  __m128i words[4];
  const uint8_t *bytes;
};

WITH_SHA static inline void load(struct lane *lane, const uint32_t *state, const uint8_t *bytes) {
  __m128i dcba = _mm_loadu_si128((const __m128i *)state), hgfe = _mm_loadu_si128((const __m128i *)(state + 4));
  __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
  lane->abef = _mm_alignr_epi8(cdab, efgh, 8);
  lane->cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  lane->bytes = bytes;
}

WITH_SHA static inline void store(const struct lane *lane, uint32_t *state) {
  __m128i feba = _mm_shuffle_epi32(lane->abef, 0x1B), dchg = _mm_shuffle_epi32(lane->cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Four of the 64 rounds, with the words that they need: the message's own first, then those of its schedule
// (section 6.2.2, steps 1 and 3).
WITH_SHA static inline __attribute__((always_inline)) void four_rounds(struct lane *lane, int quarter) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i *words = lane->words;
  __m128i *now = &words[quarter & 3];
  if (quarter < 4) {
    *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(lane->bytes + 16 * quarter)), big_endian);
  } else {
    __m128i last = words[(quarter + 3) & 3];
    __m128i sum = _mm_sha256msg1_epu32(*now, words[(quarter + 1) & 3]);
    sum = _mm_add_epi32(sum, _mm_alignr_epi8(last, words[(quarter + 2) & 3], 4));
    *now = _mm_sha256msg2_epu32(sum, last);
  }
  __m128i input = _mm_add_epi32(*now, _mm_load_si128((const __m128i *)(constants + 4 * quarter)));
  lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, input);
  lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(input, 0x0E));
}

WITH_SHA static inline __attribute__((always_inline)) void take(struct lane *lanes, int count, size_t blocks) {
  for (; blocks > 0; blocks--) {
    __m128i abef[2], cdgh[2];
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
      abef[i] = lanes[i].abef;
      cdgh[i] = lanes[i].cdgh;
    }
#pragma clang loop unroll(full)
    for (int quarter = 0; quarter < 16; quarter++) {
#pragma clang loop unroll(full)
      for (int i = 0; i < count; i++) four_rounds(&lanes[i], quarter);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
      lanes[i].abef = _mm_add_epi32(lanes[i].abef, abef[i]);
      lanes[i].cdgh = _mm_add_epi32(lanes[i].cdgh, cdgh[i]);
      lanes[i].bytes += 64;
    }
  }
}

WITH_SHA void csha256_one(uint32_t *state, const uint8_t *bytes, size_t blocks) {
  struct lane lanes[1];
  load(&lanes[0], state, bytes);
  take(lanes, 1, blocks);
  store(&lanes[0], state);
}

WITH_SHA void csha256_two(uint32_t *first, const uint8_t *first_bytes, uint32_t *second, const uint8_t *second_bytes,
                          size_t blocks) {
  struct lane lanes[2];
  load(&lanes[0], first, first_bytes);
  load(&lanes[1], second, second_bytes);
  take(lanes, 2, blocks);
  store(&lanes[0], first);
  store(&lanes[1], second);
}

#else

int csha256_is_supported(void) { return 0; }
void csha256_one(uint32_t *state, const uint8_t *bytes, size_t blocks) { __builtin_trap(); }
void csha256_two(uint32_t *first, const uint8_t *first_bytes, uint32_t *second, const uint8_t *second_bytes,
                 size_t blocks) {
  __builtin_trap();
}

#endif
