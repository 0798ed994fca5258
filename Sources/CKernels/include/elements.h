#ifndef ADAPTERCTL_ELEMENTS_H
#define ADAPTERCTL_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "forms.h"

/* The element types that are computed with. */
enum adapterctl_element {
  ADAPTERCTL_BF16 = 0,
  ADAPTERCTL_F16 = 1,
  ADAPTERCTL_F32 = 2,
  ADAPTERCTL_F64 = 3,
};

/* The size of an element in bytes. */
static inline size_t adapterctl_element_size(enum adapterctl_element type) {
  return type == ADAPTERCTL_F64 ? 8 : type == ADAPTERCTL_F32 ? 4 : 2;
}

/* Converts `count` elements, rounding once to nearest even where `to` is narrower. A NaN stays a
   NaN: quieted, its payload cut or padded, but for BF16 to F32, which moves the bits alone. The
   buffers do not overlap and may lie at any address. */
void adapterctl_convert(enum adapterctl_form form, enum adapterctl_element from, const void *source,
                        enum adapterctl_element to, void *target, size_t count);

/* target[c * rows + r] = source[r * columns + c]: the transpose of a row-major matrix. */
void adapterctl_transpose(const float *source, size_t rows, size_t columns, float *target);

/* The number of values in `values` that are NaN or infinite. */
size_t adapterctl_count_non_finite(enum adapterctl_form form, const float *values, size_t count);

#endif
