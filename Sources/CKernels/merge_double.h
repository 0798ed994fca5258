/* The merge in binary64. Bases of F64 are rare, so there is one plain form. */
#ifndef ADAPTERCTL_MERGE_DOUBLE_H
#define ADAPTERCTL_MERGE_DOUBLE_H

#include <math.h>
#include <string.h>

#include "merge.h"

#pragma STDC FP_CONTRACT OFF

/* Elements that are worked through at a time. */
enum { DOUBLE_STRIP = 256 };

static inline void add_double(double base, double intended, double stored,
                              struct adapterctl_merge_sums *sums) {
  double change = stored - base;
  sums->changed += stored != base && base == base;
  sums->overflowed += !(fabs(stored) < INFINITY) && fabs(base) < INFINITY;
  /* What is infinite or no number would drown every sum. */
  if (!(fabs(change + intended) < INFINITY)) return;
  sums->dot += change * intended;
  sums->intended_squares += intended * intended;
  sums->base_squares += base * base;
}

/* The strip of stored values as it comes back, before rounding. */
static void come_back_double(const struct adapterctl_run *run, size_t start, size_t n,
                             const double *stored, double *predicted) {
  for (size_t i = 0; i < n; i++) {
    double value = stored[i] - (double)run->delta[start + i];
    if (run->gain) value /= (double)run->gain[(start + i) * run->gain_step];
    predicted[i] = value == value ? value : 0;
  }
}

static void merge_double(enum adapterctl_form form, const struct adapterctl_run *run,
                         const char *base, char *merged, struct adapterctl_merge_sums *sums,
                         struct adapterctl_corrections *corrections, uint32_t first_index) {
  double w[DOUBLE_STRIP], value[DOUBLE_STRIP], intended[DOUBLE_STRIP], predicted[DOUBLE_STRIP];
  for (size_t start = 0; start < run->count; start += DOUBLE_STRIP) {
    size_t n = run->count - start < DOUBLE_STRIP ? run->count - start : DOUBLE_STRIP;
    char *to = merged + start * adapterctl_element_size(run->merged_type);
    memcpy(w, base + start * sizeof(double), n * sizeof(double));
    for (size_t i = 0; i < n; i++) {
      double delta = (double)run->delta[start + i];
      value[i] = w[i] + delta;
      intended[i] = delta;
      if (run->gain) {
        double gain = (double)run->gain[(start + i) * run->gain_step];
        value[i] = fma(gain, w[i], delta);
        intended[i] = fma(gain - 1, w[i], delta);
      }
      if (value[i] != value[i]) value[i] = __builtin_nan("");
    }
    adapterctl_convert(form, ADAPTERCTL_F64, value, run->merged_type, to, n);
    adapterctl_convert(form, run->merged_type, to, ADAPTERCTL_F64, value, n);
    for (size_t i = 0; i < n; i++) add_double(w[i], intended[i], value[i], sums);
    if (corrections) {
      come_back_double(run, start, n, value, predicted);
      adapterctl_find_corrections(form, ADAPTERCTL_F64, w, predicted, n, corrections,
                                  first_index + (uint32_t)start);
    }
  }
}

static void predict_double(enum adapterctl_form form, const struct adapterctl_run *run,
                           const char *merged, char *predicted) {
  double value[DOUBLE_STRIP];
  for (size_t start = 0; start < run->count; start += DOUBLE_STRIP) {
    size_t n = run->count - start < DOUBLE_STRIP ? run->count - start : DOUBLE_STRIP;
    adapterctl_convert(form, run->merged_type,
                       merged + start * adapterctl_element_size(run->merged_type), ADAPTERCTL_F64,
                       value, n);
    come_back_double(run, start, n, value, value);
    memcpy(predicted + start * sizeof(double), value, n * sizeof(double));
  }
}

#endif
