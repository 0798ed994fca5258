#ifndef ADAPTERCTL_PLANES_H
#define ADAPTERCTL_PLANES_H

#include <stddef.h>
#include <stdint.h>

#include "forms.h"

/* Rearranging numbers so that an entropy coder sees what is alike side by side. `width` is 2, 4 or 8
   bytes; numbers are little-endian; buffers do not overlap. */

/* planes[p * count + i] = byte p of number i, the highest byte first. With `exponent_first`, for
   bfloat16 and binary32 alone, the number's bits are put in the order exponent, sign, mantissa
   before, so that the first plane holds exactly the exponents. */
void adapterctl_split_planes(enum adapterctl_form form, size_t width, int exponent_first,
                             const void *numbers, size_t count, uint8_t *planes);

/* The numbers whose planes these are. */
void adapterctl_join_planes(enum adapterctl_form form, size_t width, int exponent_first,
                            const uint8_t *planes, size_t count, void *numbers);

/* differences[i] = zigzag(ordered(numbers[i]) - ordered(parents[i])) modulo 2^bits, where `ordered`
   maps float bits to integers in the order of the numbers: sign set, complement all bits; else set
   the top bit. Every bit pattern has its own place, negative zero and NaNs too. */
void adapterctl_subtract_ordered(enum adapterctl_form form, size_t width, const void *numbers,
                                 const void *parents, size_t count, void *differences);

/* The numbers that differ by `differences` from `parents`. */
void adapterctl_add_ordered(enum adapterctl_form form, size_t width, const void *differences,
                            const void *parents, size_t count, void *numbers);

/* counts[e] = how many numbers have the exponent field e = bits >> shift & mask; `counts` has
   mask + 1 places. */
void adapterctl_count_exponents(size_t width, unsigned shift, unsigned mask, const void *numbers,
                                size_t count, uint32_t *counts);

/* Numbers are sorted by the bucket of their parents, which is top - exponent, at least 0 and at most
   15, and keep their order within one. starts[b] is where bucket b begins, starts[16] is `count`.
   places[16 * q + b] is where the first number of bucket b goes that is in quarter q of the numbers;
   quarters have count / 4 numbers, the last one the rest as well. */
void adapterctl_find_places(enum adapterctl_form form, size_t width, unsigned shift, unsigned mask,
                            unsigned top, const void *parents, size_t count, uint32_t starts[17],
                            uint32_t places[64]);

/* The differences of adapterctl_subtract_ordered, sorted; `places` as adapterctl_find_places made
   them, which are used up. */
void adapterctl_sort_differences(enum adapterctl_form form, size_t width, unsigned shift,
                                 unsigned mask, unsigned top, const void *numbers,
                                 const void *parents, size_t count, uint32_t places[64],
                                 void *sorted);

/* The numbers whose sorted differences these are; `places` as in adapterctl_sort_differences. */
void adapterctl_add_sorted(enum adapterctl_form form, size_t width, unsigned shift, unsigned mask,
                           unsigned top, const void *sorted, const void *parents, size_t count,
                           uint32_t places[64], void *numbers);

/* counts[b] = how many bytes are b. */
void adapterctl_count_bytes(const uint8_t *bytes, size_t count, uint32_t counts[256]);

/* counts[b] = about how many bytes are b: four times how many of a quarter of the bytes are, taken in
   blocks from everywhere. */
void adapterctl_sample_bytes(const uint8_t *bytes, size_t count, uint32_t counts[256]);

/* The least bits in which any code that looks at single bytes writes bytes of these counts. */
double adapterctl_order0_bits(const uint32_t counts[256]);

#endif
