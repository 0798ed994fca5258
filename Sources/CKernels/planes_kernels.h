/* Bodies for one width: WORD is its type, WIDTH its bytes. */
#ifdef WORD

static void FORM(NAMED(split))(int exponent_first, const void *numbers, size_t count,
                               uint8_t *planes) {
  const WORD *in = numbers;
  for (size_t start = 0; start < count; start += STRIP) {
    size_t n = count - start < STRIP ? count - start : STRIP;
    UNALIASED words[STRIP];
    if (exponent_first)
      for (size_t i = 0; i < n; i++) words[i] = NAMED(exponent_first)(in[start + i]);
    else
      for (size_t i = 0; i < n; i++) words[i] = in[start + i];
    for (size_t p = 0; p < WIDTH; p++) {
      uint8_t *out = planes + p * count + start;
      unsigned shift = 8 * (unsigned)(WIDTH - 1 - p);
      for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(words[i] >> shift);
    }
  }
}

static void FORM(NAMED(join))(int exponent_first, const uint8_t *planes, size_t count,
                              void *numbers) {
  WORD *out = numbers;
  for (size_t start = 0; start < count; start += STRIP) {
    size_t n = count - start < STRIP ? count - start : STRIP;
    UNALIASED words[STRIP];
    for (size_t i = 0; i < n; i++) words[i] = 0;
    for (size_t p = 0; p < WIDTH; p++) {
      const uint8_t *in = planes + p * count + start;
      unsigned shift = 8 * (unsigned)(WIDTH - 1 - p);
      for (size_t i = 0; i < n; i++) words[i] |= (UNALIASED)((UNALIASED)in[i] << shift);
    }
    if (exponent_first)
      for (size_t i = 0; i < n; i++) out[start + i] = NAMED(sign_first)(words[i]);
    else
      for (size_t i = 0; i < n; i++) out[start + i] = words[i];
  }
}

static void FORM(NAMED(subtract))(const void *numbers, const void *parents, size_t count,
                                  void *differences) {
  const WORD *a = numbers, *b = parents;
  WORD *out = differences;
  for (size_t i = 0; i < count; i++) {
    UNALIASED difference = (UNALIASED)(NAMED(ordered)(a[i]) - NAMED(ordered)(b[i]));
    UNALIASED sign = (UNALIASED)(0 - (difference >> (8 * WIDTH - 1)));
    out[i] = (UNALIASED)((UNALIASED)(difference << 1) ^ sign);
  }
}

static void FORM(NAMED(add))(const void *differences, const void *parents, size_t count,
                             void *numbers) {
  const WORD *d = differences, *b = parents;
  WORD *out = numbers;
  for (size_t i = 0; i < count; i++) {
    UNALIASED difference = (UNALIASED)((d[i] >> 1) ^ (UNALIASED)(0 - (d[i] & 1)));
    out[i] = NAMED(unordered)((UNALIASED)(NAMED(ordered)(b[i]) + difference));
  }
}

static void FORM(NAMED(buckets))(unsigned shift, unsigned mask, unsigned top, const void *numbers,
                                 size_t count, uint8_t *buckets) {
  const WORD *in = numbers;
  for (size_t i = 0; i < count; i++) {
    int distance = (int)top - (int)((unsigned)(in[i] >> shift) & mask);
    distance = distance < 0 ? 0 : distance;
    buckets[i] = (uint8_t)(distance > 15 ? 15 : distance);
  }
}

#else

/* Adds to `counts`. Lanes of bytes count up to 255 each before they are added up. */
static void FORM(count_buckets)(const uint8_t *buckets, size_t count, uint32_t counts[16]) {
  typedef uint8_t lanes __attribute__((vector_size(64)));
  enum { LANES = 64, STRIDE = 255 };
  size_t i = 0;
  while (i + LANES <= count) {
    size_t steps = (count - i) / LANES < STRIDE ? (count - i) / LANES : STRIDE;
    for (int b = 0; b < 16; b += 4) {
      lanes sums[4] = {{0}};
      for (size_t s = 0; s < steps; s++) {
        lanes bytes;
        __builtin_memcpy(&bytes, buckets + i + s * LANES, LANES);
        for (int k = 0; k < 4; k++) sums[k] -= (lanes)(bytes == (uint8_t)(b + k));
      }
      for (int k = 0; k < 4; k++)
        for (int lane = 0; lane < LANES; lane++) counts[b + k] += sums[k][lane];
    }
    i += steps * LANES;
  }
  for (; i < count; i++) counts[buckets[i]]++;
}

#define WORD u16
#define UNALIASED uint16_t
#define WIDTH 2
#define NAMED(x) x##_16
#include "planes_kernels.h"
#undef WORD
#undef UNALIASED
#undef WIDTH
#undef NAMED

#define WORD u32
#define UNALIASED uint32_t
#define WIDTH 4
#define NAMED(x) x##_32
#include "planes_kernels.h"
#undef WORD
#undef UNALIASED
#undef WIDTH
#undef NAMED

#define WORD u64
#define UNALIASED uint64_t
#define WIDTH 8
#define NAMED(x) x##_64
#include "planes_kernels.h"
#undef WORD
#undef UNALIASED
#undef WIDTH
#undef NAMED

static void FORM(split)(size_t width, int exponent_first, const void *numbers, size_t count,
                        uint8_t *planes) {
  switch (width) {
    case 2: FORM(split_16)(exponent_first, numbers, count, planes); return;
    case 4: FORM(split_32)(exponent_first, numbers, count, planes); return;
    default: FORM(split_64)(exponent_first, numbers, count, planes); return;
  }
}

static void FORM(join)(size_t width, int exponent_first, const uint8_t *planes, size_t count,
                       void *numbers) {
  switch (width) {
    case 2: FORM(join_16)(exponent_first, planes, count, numbers); return;
    case 4: FORM(join_32)(exponent_first, planes, count, numbers); return;
    default: FORM(join_64)(exponent_first, planes, count, numbers); return;
  }
}

static void FORM(subtract)(size_t width, const void *numbers, const void *parents, size_t count,
                           void *differences) {
  switch (width) {
    case 2: FORM(subtract_16)(numbers, parents, count, differences); return;
    case 4: FORM(subtract_32)(numbers, parents, count, differences); return;
    default: FORM(subtract_64)(numbers, parents, count, differences); return;
  }
}

static void FORM(add)(size_t width, const void *differences, const void *parents, size_t count,
                      void *numbers) {
  switch (width) {
    case 2: FORM(add_16)(differences, parents, count, numbers); return;
    case 4: FORM(add_32)(differences, parents, count, numbers); return;
    default: FORM(add_64)(differences, parents, count, numbers); return;
  }
}

static void FORM(buckets)(size_t width, unsigned shift, unsigned mask, unsigned top,
                          const void *numbers, size_t count, uint8_t *buckets) {
  switch (width) {
    case 2: FORM(buckets_16)(shift, mask, top, numbers, count, buckets); return;
    case 4: FORM(buckets_32)(shift, mask, top, numbers, count, buckets); return;
    default: FORM(buckets_64)(shift, mask, top, numbers, count, buckets); return;
  }
}

#endif
