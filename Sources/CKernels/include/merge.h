#ifndef ADAPTERCTL_MERGE_H
#define ADAPTERCTL_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "elements.h"
#include "forms.h"

/* What one element of a base becomes, and what it takes to come back:
     merged    = round(gain * base + delta)       one fma, or one add where there is no gain
     predicted = round((merged - delta) / gain)
     correction = zigzag(ordered(base) - ordered(predicted)), kept where it is not 0
   in binary32 (binary64 for F64 bases), rounded once to nearest even; merged NaN become the one
   quiet NaN, predicted ones 0. `ordered` maps float bits to
   integers in the order of the numbers: sign set, complement all bits; else set the top bit. */

/* Sums over the elements of a merge, each accumulated in 16 binary32 lanes over 1,024 elements and
   in binary64 beyond, so that they are the same in every form. Elements whose change is infinite or
   NaN are left out of the first three. */
struct adapterctl_merge_sums {
  /* Σ stored change · intended change, Σ intended change², Σ base². */
  double dot, intended_squares, base_squares;
  /* Elements whose stored value differs from the base's; finite elements stored as infinite or as
     no number. */
  uint64_t changed, overflowed;
};

/* A run of neighbouring elements of one tensor. */
struct adapterctl_run {
  enum adapterctl_element base_type, merged_type;
  size_t count;
  /* NULL where there is none; otherwise one value for all elements (step 0) or one each (step 1). */
  const float *gain;
  size_t gain_step;
  const float *delta;
};

/* Where corrections go: `indices` and `values` have room for `count + run.count` more entries. */
struct adapterctl_corrections {
  uint32_t *indices;
  uint64_t *values;
  size_t count;
};

/* Computes `merged` from `base`, adds to `sums`, and appends corrections where `corrections` is
   given; the first element of the run has the index `first_index`. */
void adapterctl_merge(enum adapterctl_form form, const struct adapterctl_run *run, const void *base,
                      void *merged, struct adapterctl_merge_sums *sums,
                      struct adapterctl_corrections *corrections, uint32_t first_index);

/* Computes the prediction of `base` from `merged`. */
void adapterctl_predict(enum adapterctl_form form, const struct adapterctl_run *run,
                        const void *merged, void *predicted);

/* Appends a correction for every element in which `base` and `predicted` differ by a bit. */
void adapterctl_find_corrections(enum adapterctl_form form, enum adapterctl_element type,
                                 const void *base, const void *predicted, size_t count,
                                 struct adapterctl_corrections *corrections, uint32_t first_index);

/* Applies one correction to element `index` of `predicted`. */
void adapterctl_correct(enum adapterctl_element type, void *predicted, size_t index,
                        uint64_t value);

/* Adds to `sums` for elements that were replaced: the intended change is `intended - base`, the
   stored one `merged - base`, all of them binary64. Overflows are not counted. */
void adapterctl_add_replacement(const double *base, const double *intended, const double *merged,
                                size_t count, struct adapterctl_merge_sums *sums);

/* How many finite elements are not finite after a conversion. */
uint64_t adapterctl_count_overflows(const double *before, const double *after, size_t count);

/* How far two runs of one type lie apart, counted in representable numbers between them. */
struct adapterctl_distance {
  uint64_t exact, within, beyond, largest;
};

/* Counts the elements of `actual` that equal `expected` bit for bit, lie within `tolerance` of it,
   or beyond. A NaN against a NaN is exact; a NaN against a number is as far as can be. */
void adapterctl_measure_distance(enum adapterctl_element type, const void *expected,
                                 const void *actual, size_t count, uint64_t tolerance,
                                 struct adapterctl_distance *distance);

/* squares[r] += Σ over the row of (base + delta)², in eight binary64 lanes; base and delta are
   row-major [rows, columns] in binary32. */
void adapterctl_add_row_squares(enum adapterctl_form form, const float *base, const float *delta,
                                size_t rows, size_t columns, double *squares);

/* squares[c] += (base + delta)² for one row. */
void adapterctl_add_column_squares(enum adapterctl_form form, const float *base, const float *delta,
                                   size_t columns, double *squares);

#endif
