#ifndef ADAPTERCTL_PRODUCT_H
#define ADAPTERCTL_PRODUCT_H

#include <stddef.h>

#include "forms.h"

/* The product of two factors, in an order that fixes every bit:
     out[i][j] = fma(left[i][k-1], right[k-1][j], … fma(left[i][0], right[0][j], +0) …)
   in binary32, k ascending, whatever the form, the tile or the panel. */

/* The columns of one packed panel of the right factor. */
size_t adapterctl_panel_width(enum adapterctl_form form);

/* Packs a row-major right factor [depth, columns] into panels of adapterctl_panel_width columns,
   each [depth, width] and padded with zeros: depth * ceil(columns / width) * width values. */
void adapterctl_pack_right(enum adapterctl_form form, const float *right, size_t depth,
                           size_t columns, float *packed);

/* Writes rows × columns products to `out`, whose rows lie `out_stride` values apart. `left` is
   row-major [rows, depth]; `packed` starts at the panel of the first wanted column, which must be
   the first of its panel. */
void adapterctl_product(enum adapterctl_form form, const float *left, size_t rows,
                        const float *packed, size_t depth, size_t columns, float *out,
                        size_t out_stride);

#endif
