#include <math.h>

#include "merge.h"
#include "ordered.h"

#define KERNELS_FILE "measures_kernels.h"
#include "forms_dispatch.h"

void adapterctl_measure_distance(enum adapterctl_element type, const void *expected,
                                 const void *actual, size_t count, uint64_t tolerance,
                                 struct adapterctl_distance *distance) {
  static const uint64_t infinities[] = {0x7F80, 0x7C00, 0x7F800000, 0x7FF0000000000000};
  int width = (int)adapterctl_element_size(type) * 8;
  uint64_t magnitude = all_bits(width) >> 1, infinity = infinities[type];
  if (memcmp(expected, actual, count * adapterctl_element_size(type)) == 0) {
    distance->exact += count;
    return;
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t a = element_bits(expected, i, width), b = element_bits(actual, i, width);
    int a_is_nan = (a & magnitude) > infinity, b_is_nan = (b & magnitude) > infinity;
    if (a == b || (a_is_nan && b_is_nan)) {
      distance->exact++;
      continue;
    }
    uint64_t x = ordered(a, width), y = ordered(b, width), apart = x > y ? x - y : y - x;
    /* The two zeros are one number, though two places. */
    if ((a ^ b) & ~magnitude) apart -= 1;
    if (a_is_nan || b_is_nan) apart = all_bits(width);
    if (apart > distance->largest) distance->largest = apart;
    if (apart <= tolerance) distance->within++;
    else distance->beyond++;
  }
}

void adapterctl_add_row_squares(enum adapterctl_form form, const float *base, const float *delta,
                                size_t rows, size_t columns, double *squares) {
  DISPATCH(form, add_row_squares, base, delta, rows, columns, squares);
}

void adapterctl_add_column_squares(enum adapterctl_form form, const float *base, const float *delta,
                                   size_t columns, double *squares) {
  DISPATCH(form, add_column_squares, base, delta, columns, squares);
}
