#include "elements.h"

#include <string.h>

#define KERNELS_FILE "elements_kernels.h"
#include "forms_dispatch.h"

void adapterctl_convert(enum adapterctl_form form, enum adapterctl_element from, const void *source,
                        enum adapterctl_element to, void *target, size_t count) {
  DISPATCH(form, convert, from, source, to, target, count);
}

size_t adapterctl_count_non_finite(enum adapterctl_form form, const float *values, size_t count) {
  return DISPATCH(form, count_non_finite, values, count);
}

void adapterctl_transpose(const float *source, size_t rows, size_t columns, float *target) {
  /* Square tiles, so that both sides stay in the cache. */
  enum { TILE = 32 };
  for (size_t r0 = 0; r0 < rows; r0 += TILE) {
    for (size_t c0 = 0; c0 < columns; c0 += TILE) {
      size_t r1 = r0 + TILE < rows ? r0 + TILE : rows;
      size_t c1 = c0 + TILE < columns ? c0 + TILE : columns;
      for (size_t c = c0; c < c1; c++)
        for (size_t r = r0; r < r1; r++) target[c * rows + r] = source[r * columns + c];
    }
  }
}
