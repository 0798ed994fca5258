/* Float bits as integers in the order of the numbers, for elements of `width` bits. */
#ifndef ADAPTERCTL_ORDERED_H
#define ADAPTERCTL_ORDERED_H

#include <stdint.h>
#include <string.h>

static inline uint64_t top_bit(int width) { return 1ull << (width - 1); }

static inline uint64_t all_bits(int width) { return ~0ull >> (64 - width); }

/* Sign set: all bits complemented. Otherwise the top bit set. */
static inline uint64_t ordered(uint64_t bits, int width) {
  return bits & top_bit(width) ? ~bits & all_bits(width) : bits | top_bit(width);
}

static inline uint64_t unordered(uint64_t place, int width) {
  return place & top_bit(width) ? place ^ top_bit(width) : ~place & all_bits(width);
}

/* A difference modulo 2^width, small for small differences of either sign: 0, -1, 1, -2, … */
static inline uint64_t zigzag(uint64_t difference, int width) {
  uint64_t sign = difference & top_bit(width) ? all_bits(width) : 0;
  return (difference << 1 ^ sign) & all_bits(width);
}

static inline uint64_t unzigzag(uint64_t value) { return value >> 1 ^ (0 - (value & 1)); }

static inline uint64_t element_bits(const void *elements, size_t index, int width) {
  uint64_t bits = 0;
  switch (width) {
    case 16: memcpy(&bits, (const char *)elements + 2 * index, 2); break;
    case 32: memcpy(&bits, (const char *)elements + 4 * index, 4); break;
    default: memcpy(&bits, (const char *)elements + 8 * index, 8); break;
  }
  return bits;
}

static inline void set_element_bits(void *elements, size_t index, int width, uint64_t bits) {
  switch (width) {
    case 16: memcpy((char *)elements + 2 * index, &bits, 2); break;
    case 32: memcpy((char *)elements + 4 * index, &bits, 4); break;
    default: memcpy((char *)elements + 8 * index, &bits, 8); break;
  }
}

#endif
