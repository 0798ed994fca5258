/* Vectors of sixteen elements: one register with AVX-512, two with AVX, four otherwise. The loose
   ones are read and written at any address, whatever the bytes there were written as. */
#ifndef ADAPTERCTL_LANES_H
#define ADAPTERCTL_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANES = 16 };

#define LANES_OF(TYPE, NAME)                                    \
  typedef TYPE NAME __attribute__((ext_vector_type(LANES)));    \
  typedef NAME loose_##NAME __attribute__((aligned(1), may_alias))

LANES_OF(float, floats);
LANES_OF(double, doubles);
LANES_OF(uint16_t, words16);
LANES_OF(uint32_t, words32);
LANES_OF(uint64_t, words64);

/* One bit a lane. */
typedef bool lane_flags __attribute__((ext_vector_type(LANES)));

/* Calls with lanes wider than a register stay within a file. */
#pragma clang diagnostic ignored "-Wpsabi"

/* Functions of lanes vanish into the loops that call them. */
#define LANE_FUNCTION static inline __attribute__((always_inline))

#endif
