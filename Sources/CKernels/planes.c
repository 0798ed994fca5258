#include "planes.h"

#include <string.h>

typedef uint16_t __attribute__((may_alias)) u16;
typedef uint32_t __attribute__((may_alias)) u32;
typedef uint64_t __attribute__((may_alias)) u64;

/* Numbers worked on at once: small enough to stay in the first-level cache. */
enum { STRIP = 1024 };

#define ORDER(BITS)                                                                          \
  static inline uint##BITS##_t ordered_##BITS(uint##BITS##_t bits) {                         \
    const uint##BITS##_t top = (uint##BITS##_t)1 << (BITS - 1);                              \
    return bits & top ? (uint##BITS##_t)~bits : (uint##BITS##_t)(bits | top);                \
  }                                                                                          \
  static inline uint##BITS##_t unordered_##BITS(uint##BITS##_t place) {                      \
    const uint##BITS##_t top = (uint##BITS##_t)1 << (BITS - 1);                              \
    return place & top ? (uint##BITS##_t)(place ^ top) : (uint##BITS##_t)~place;             \
  }
ORDER(16)
ORDER(32)
ORDER(64)

/* Eight exponent bits to the top, the sign behind them, and back. */
#define FIELDS(BITS)                                                                         \
  static inline uint##BITS##_t exponent_first_##BITS(uint##BITS##_t bits) {                  \
    const uint##BITS##_t mantissa = ((uint##BITS##_t)1 << (BITS - 9)) - 1;                   \
    uint##BITS##_t sign = (uint##BITS##_t)(bits >> (BITS - 1) << (BITS - 9));                \
    uint##BITS##_t exponent = (uint##BITS##_t)((bits & ~mantissa) << 1);                     \
    return (uint##BITS##_t)(exponent | sign | (bits & mantissa));                            \
  }                                                                                          \
  static inline uint##BITS##_t sign_first_##BITS(uint##BITS##_t word) {                      \
    const uint##BITS##_t mantissa = ((uint##BITS##_t)1 << (BITS - 9)) - 1;                   \
    uint##BITS##_t sign = (uint##BITS##_t)((word >> (BITS - 9) & 1) << (BITS - 1));          \
    uint##BITS##_t exponent = (uint##BITS##_t)(word >> (BITS - 8) << (BITS - 9));            \
    return (uint##BITS##_t)(sign | exponent | (word & mantissa));                            \
  }
FIELDS(16)
FIELDS(32)
FIELDS(64)

#define KERNELS_FILE "planes_kernels.h"
#include "forms_dispatch.h"

void adapterctl_split_planes(enum adapterctl_form form, size_t width, int exponent_first,
                             const void *numbers, size_t count, uint8_t *planes) {
  DISPATCH(form, split, width, exponent_first, numbers, count, planes);
}

void adapterctl_join_planes(enum adapterctl_form form, size_t width, int exponent_first,
                            const uint8_t *planes, size_t count, void *numbers) {
  DISPATCH(form, join, width, exponent_first, planes, count, numbers);
}

void adapterctl_subtract_ordered(enum adapterctl_form form, size_t width, const void *numbers,
                                 const void *parents, size_t count, void *differences) {
  DISPATCH(form, subtract, width, numbers, parents, count, differences);
}

void adapterctl_add_ordered(enum adapterctl_form form, size_t width, const void *differences,
                            const void *parents, size_t count, void *numbers) {
  DISPATCH(form, add, width, differences, parents, count, numbers);
}

void adapterctl_find_buckets(enum adapterctl_form form, size_t width, unsigned shift, unsigned mask,
                             unsigned top, const void *numbers, size_t count, uint8_t *buckets) {
  DISPATCH(form, buckets, width, shift, mask, top, numbers, count, buckets);
}

/* One table per neighbour, so that equal neighbours do not wait for one another. */
void adapterctl_count_bytes(const uint8_t *bytes, size_t count, uint32_t counts[256]) {
  uint32_t tables[4][256];
  memset(tables, 0, sizeof tables);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t eight;
    memcpy(&eight, bytes + i, 8);
    for (int k = 0; k < 8; k++) tables[k & 3][eight >> 8 * k & 255]++;
  }
  for (; i < count; i++) tables[0][bytes[i]]++;
  for (int b = 0; b < 256; b++)
    counts[b] = tables[0][b] + tables[1][b] + tables[2][b] + tables[3][b];
}

#define COUNT(TYPE)                                                              \
  for (size_t i = 0; i < count; i++)                                             \
    counts[(unsigned)(((const TYPE *)numbers)[i] >> shift) & mask]++

void adapterctl_count_exponents(size_t width, unsigned shift, unsigned mask, const void *numbers,
                                size_t count, uint32_t *counts) {
  memset(counts, 0, (mask + 1) * sizeof *counts);
  switch (width) {
    case 2: COUNT(u16); return;
    case 4: COUNT(u32); return;
    default: COUNT(u64); return;
  }
}

#define SCATTER(TYPE) \
  for (size_t i = 0; i < count; i++) ((TYPE *)sorted)[next[buckets[i]]++] = ((const TYPE *)numbers)[i]

void adapterctl_scatter(size_t width, const void *numbers, const uint8_t *buckets, size_t count,
                        uint32_t next[16], void *sorted) {
  switch (width) {
    case 2: SCATTER(u16); return;
    case 4: SCATTER(u32); return;
    default: SCATTER(u64); return;
  }
}

#define GATHER(TYPE) \
  for (size_t i = 0; i < count; i++) ((TYPE *)numbers)[i] = ((const TYPE *)sorted)[next[buckets[i]]++]

void adapterctl_gather(size_t width, const void *sorted, const uint8_t *buckets, size_t count,
                       uint32_t next[16], void *numbers) {
  switch (width) {
    case 2: GATHER(u16); return;
    case 4: GATHER(u32); return;
    default: GATHER(u64); return;
  }
}

double adapterctl_order0_bits(const uint32_t counts[256]) {
  double total = 0, bits = 0;
  for (int b = 0; b < 256; b++) {
    if (counts[b] == 0) continue;
    total += counts[b];
    bits -= counts[b] * __builtin_log2(counts[b]);
  }
  return total > 0 ? bits + total * __builtin_log2(total) : 0;
}
