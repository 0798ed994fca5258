#include "product.h"

#include <string.h>

#include "lanes.h"

/* Room for a packed block of the left factor: 56 KiB of the stack. */
enum { BLOCK = 14 * 1024 };

#define KERNELS_FILE "product_kernels.h"
#include "forms_dispatch.h"

size_t adapterctl_panel_width(enum adapterctl_form form) {
  return form == ADAPTERCTL_FORM_AVX512 ? 32 : 16;
}

void adapterctl_pack_right(enum adapterctl_form form, const float *right, size_t depth,
                           size_t columns, float *packed) {
  size_t width = adapterctl_panel_width(form);
  for (size_t c = 0; c < columns; c += width) {
    size_t n = columns - c < width ? columns - c : width;
    for (size_t k = 0; k < depth; k++) {
      memcpy(packed, right + k * columns + c, n * sizeof(float));
      memset(packed + n, 0, (width - n) * sizeof(float));
      packed += width;
    }
  }
}

void adapterctl_product(enum adapterctl_form form, const float *left, size_t rows,
                        const float *packed, size_t depth, size_t columns, float *out,
                        size_t out_stride) {
  DISPATCH(form, product, left, rows, packed, depth, columns, out, out_stride);
}
