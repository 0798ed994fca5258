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

/* One table per neighbour, so that equal neighbours do not wait for one another. */
void adapterctl_count_bytes(const uint8_t *bytes, size_t count, uint32_t counts[256]) {
  uint32_t tables[8][256];
  memset(tables, 0, sizeof tables);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t eight;
    memcpy(&eight, bytes + i, 8);
    for (int k = 0; k < 8; k++) tables[k][eight >> 8 * k & 255]++;
  }
  for (; i < count; i++) tables[0][bytes[i]]++;
  for (int b = 0; b < 256; b++) {
    uint32_t sum = 0;
    for (int k = 0; k < 8; k++) sum += tables[k][b];
    counts[b] = sum;
  }
}

/* Blocks of a quarter of the bytes, spread evenly. */
void adapterctl_sample_bytes(const uint8_t *bytes, size_t count, uint32_t counts[256]) {
  enum { BLOCK = 512, STEP = 4 * BLOCK };
  uint32_t tables[8][256];
  memset(tables, 0, sizeof tables);
  for (size_t start = 0; start + BLOCK <= count; start += STEP)
    for (size_t i = 0; i < BLOCK; i += 8) {
      uint64_t eight;
      memcpy(&eight, bytes + start + i, 8);
      for (int k = 0; k < 8; k++) tables[k][eight >> 8 * k & 255]++;
    }
  for (int b = 0; b < 256; b++) {
    uint32_t sum = 0;
    for (int k = 0; k < 8; k++) sum += tables[k][b];
    counts[b] = 4 * sum;
  }
}

/* A field of more than 11 bits does not occur: binary64 has the widest exponent. */
enum { EXPONENTS = 1 << 11 };

#define COUNT(TYPE)                                                                 \
  for (; i + 4 <= count; i += 4)                                                    \
    for (int k = 0; k < 4; k++)                                                     \
      tables[k][(unsigned)(((const TYPE *)numbers)[i + k] >> shift) & mask]++;      \
  for (; i < count; i++) tables[0][(unsigned)(((const TYPE *)numbers)[i] >> shift) & mask]++

void adapterctl_count_exponents(size_t width, unsigned shift, unsigned mask, const void *numbers,
                                size_t count, uint32_t *counts) {
  uint32_t tables[4][EXPONENTS];
  for (int k = 0; k < 4; k++) memset(tables[k], 0, (mask + 1) * sizeof **tables);
  size_t i = 0;
  switch (width) {
    case 2: COUNT(u16); break;
    case 4: COUNT(u32); break;
    default: COUNT(u64); break;
  }
  for (unsigned e = 0; e <= mask; e++)
    counts[e] = tables[0][e] + tables[1][e] + tables[2][e] + tables[3][e];
}

/* Every step reads what the one before has written if both are of one bucket; steps in four quarters
   by turns do not wait for one another. */
#define BY_TURNS(MOVE)                                                                \
  do {                                                                                \
    size_t quarter = count / 4, i = 0;                                                \
    for (; i + 8 <= quarter; i += 8) {                                                \
      uint64_t next[4];                                                               \
      for (int q = 0; q < 4; q++) memcpy(&next[q], buckets + i + q * quarter, 8);     \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < 8; k++) {                \
        _Pragma("clang loop unroll(full)") for (int q = 0; q < 4; q++) {              \
          MOVE(places[16 * q + (next[q] & 15)]++, q * quarter + i + k);               \
          next[q] >>= 8;                                                              \
        }                                                                             \
      }                                                                               \
    }                                                                                 \
    for (int q = 0; q < 4; q++) {                                                     \
      size_t end = q < 3 ? (q + 1) * quarter : count;                                 \
      for (size_t j = q * quarter + i; j < end; j++) MOVE(places[16 * q + buckets[j]]++, j); \
    }                                                                                 \
  } while (0)

#define OUT16(PLACE, I) ((u16 *)sorted)[PLACE] = ((const u16 *)numbers)[I]
#define OUT32(PLACE, I) ((u32 *)sorted)[PLACE] = ((const u32 *)numbers)[I]
#define OUT64(PLACE, I) ((u64 *)sorted)[PLACE] = ((const u64 *)numbers)[I]

static void scatter(size_t width, const void *restrict numbers, const uint8_t *restrict buckets,
                    size_t count, uint32_t places[restrict 64], void *restrict sorted) {
  switch (width) {
    case 2: BY_TURNS(OUT16); return;
    case 4: BY_TURNS(OUT32); return;
    default: BY_TURNS(OUT64); return;
  }
}

#define BACK16(PLACE, I) ((u16 *)numbers)[I] = ((const u16 *)sorted)[PLACE]
#define BACK32(PLACE, I) ((u32 *)numbers)[I] = ((const u32 *)sorted)[PLACE]
#define BACK64(PLACE, I) ((u64 *)numbers)[I] = ((const u64 *)sorted)[PLACE]

static void gather(size_t width, const void *restrict sorted, const uint8_t *restrict buckets,
                   size_t count, uint32_t places[restrict 64], void *restrict numbers) {
  switch (width) {
    case 2: BY_TURNS(BACK16); return;
    case 4: BY_TURNS(BACK32); return;
    default: BY_TURNS(BACK64); return;
  }
}

#define BUCKETS(START, COUNT, OUT)                                                            \
  DISPATCH(form, buckets, width, shift, mask, top, (const char *)parents + (START) * width, COUNT, OUT)

void adapterctl_find_places(enum adapterctl_form form, size_t width, unsigned shift, unsigned mask,
                            unsigned top, const void *parents, size_t count, uint32_t starts[17],
                            uint32_t places[64]) {
  size_t quarter = count / 4;
  uint32_t counts[4][16] = {{0}};
  uint8_t buckets[4 * STRIP];
  for (size_t q = 0; q < 4; q++) {
    size_t end = q < 3 ? (q + 1) * quarter : count;
    for (size_t start = q * quarter; start < end; start += sizeof buckets) {
      size_t n = end - start < sizeof buckets ? end - start : sizeof buckets;
      BUCKETS(start, n, buckets);
      DISPATCH(form, count_buckets, buckets, n, counts[q]);
    }
  }
  uint32_t place = 0;
  for (int b = 0; b < 16; b++) {
    starts[b] = place;
    for (int q = 0; q < 4; q++) {
      places[16 * q + b] = place;
      place += counts[q][b];
    }
  }
  starts[16] = place;
}

/* Strips of all quarters, one behind the other, are to scatter and gather like four whole quarters;
   the last three numbers at most are like the rest of the fourth. */
#define IN_STRIPS(BEFORE, MOVE, AFTER)                                           \
  do {                                                                           \
    size_t quarter = count / 4;                                                  \
    uint8_t buckets[4 * STRIP];                                                  \
    uint64_t differences[4 * STRIP];                                             \
    for (size_t i = 0; i < quarter; i += STRIP) {                                \
      size_t n = quarter - i < STRIP ? quarter - i : STRIP;                      \
      for (size_t q = 0; q < 4; q++) {                                           \
        BUCKETS(q * quarter + i, n, buckets + q * n);                            \
        BEFORE(q * quarter + i, n, (char *)differences + q * n * width);         \
      }                                                                          \
      MOVE(4 * n);                                                               \
      for (size_t q = 0; q < 4; q++)                                             \
        AFTER(q * quarter + i, n, (char *)differences + q * n * width);          \
    }                                                                            \
    BUCKETS(4 * quarter, count - 4 * quarter, buckets);                          \
    BEFORE(4 * quarter, count - 4 * quarter, differences);                       \
    MOVE(count - 4 * quarter);                                                   \
    AFTER(4 * quarter, count - 4 * quarter, differences);                        \
  } while (0)

#define NOTHING(START, COUNT, DIFFERENCES) (void)0
#define SUBTRACT(START, COUNT, DIFFERENCES)                                                \
  DISPATCH(form, subtract, width, (const char *)numbers + (START) * width,                 \
           (const char *)parents + (START) * width, COUNT, DIFFERENCES)
#define SCATTER(COUNT) scatter(width, differences, buckets, COUNT, places, sorted)
#define GATHER(COUNT) gather(width, sorted, buckets, COUNT, places, differences)
#define ADD(START, COUNT, DIFFERENCES)                                                     \
  DISPATCH(form, add, width, DIFFERENCES, (const char *)parents + (START) * width, COUNT,  \
           (char *)numbers + (START) * width)

void adapterctl_sort_differences(enum adapterctl_form form, size_t width, unsigned shift,
                                 unsigned mask, unsigned top, const void *numbers,
                                 const void *parents, size_t count, uint32_t places[64],
                                 void *sorted) {
  IN_STRIPS(SUBTRACT, SCATTER, NOTHING);
}

void adapterctl_add_sorted(enum adapterctl_form form, size_t width, unsigned shift, unsigned mask,
                           unsigned top, const void *sorted, const void *parents, size_t count,
                           uint32_t places[64], void *numbers) {
  IN_STRIPS(NOTHING, GATHER, ADD);
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
