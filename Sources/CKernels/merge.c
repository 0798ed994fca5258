#include "merge.h"

#include <math.h>
#include <string.h>

#include "lanes.h"
#include "merge_double.h"
#include "ordered.h"

/* The elements whose sums are kept in binary32. */
enum { STRIP = 1024 };

/* The sums of a strip, lane by lane. */
struct lane_sums {
  floats dot, intended_squares, base_squares;
  words32 changed, overflowed;
};

static double sum_of_floats(floats lanes) {
  doubles sixteen = __builtin_convertvector(lanes, doubles);
  __typeof__(sixteen.lo) eight = sixteen.lo + sixteen.hi;
  __typeof__(eight.lo) four = eight.lo + eight.hi;
  return (four.x + four.z) + (four.y + four.w);
}

static uint64_t sum_of_words(words32 lanes) {
  uint64_t sum = 0;
  for (int i = 0; i < LANES; i++) sum += lanes[i];
  return sum;
}

static bool are_finite(const struct lane_sums *lanes) {
  floats all = lanes->dot + lanes->intended_squares + lanes->base_squares, zero = (floats)(0.0f);
  lane_flags odd = __builtin_convertvector(all - all != zero, lane_flags);
  return !__builtin_reduce_or(odd);
}

static void add_lane_sums(const struct lane_sums *lanes, struct adapterctl_merge_sums *sums) {
  sums->dot += sum_of_floats(lanes->dot);
  sums->intended_squares += sum_of_floats(lanes->intended_squares);
  sums->base_squares += sum_of_floats(lanes->base_squares);
  sums->changed += sum_of_words(lanes->changed);
  sums->overflowed += sum_of_words(lanes->overflowed);
}

/* The last elements of a run, fewer than lanes, padded with zeros that merge to zeros and come back
   as zeros: they add nothing to any sum and need no correction. */
struct padded_rest {
  uint64_t source[LANES], target[LANES];
  float delta[LANES], gain[LANES];
  struct adapterctl_run run;
};

static struct padded_rest rest_of(const struct adapterctl_run *run, size_t start) {
  struct padded_rest rest = {.run = *run};
  size_t count = run->count - start;
  memcpy(rest.delta, run->delta + start, count * sizeof(float));
  for (size_t i = 0; i < LANES; i++)
    rest.gain[i] = run->gain && i < count ? run->gain[(start + i) * run->gain_step] : 1;
  return rest;
}

static struct adapterctl_run run_of(const struct padded_rest *rest) {
  struct adapterctl_run run = rest->run;
  run.count = LANES;
  run.delta = rest->delta;
  run.gain = run.gain ? rest->gain : NULL;
  run.gain_step = 1;
  return run;
}

#define KERNELS_FILE "merge_kernels.h"
#include "forms_dispatch.h"

void adapterctl_merge(enum adapterctl_form form, const struct adapterctl_run *run, const void *base,
                      void *merged, struct adapterctl_merge_sums *sums,
                      struct adapterctl_corrections *corrections, uint32_t first_index) {
  if (run->base_type == ADAPTERCTL_F64) {
    merge_double(form, run, base, merged, sums, corrections, first_index);
  } else {
    DISPATCH(form, merge, run, base, merged, sums, corrections, first_index);
  }
}

void adapterctl_predict(enum adapterctl_form form, const struct adapterctl_run *run,
                        const void *merged, void *predicted) {
  if (run->base_type == ADAPTERCTL_F64) {
    predict_double(form, run, merged, predicted);
  } else {
    DISPATCH(form, predict, run, merged, predicted);
  }
}

void adapterctl_find_corrections(enum adapterctl_form form, enum adapterctl_element type,
                                 const void *base, const void *predicted, size_t count,
                                 struct adapterctl_corrections *corrections, uint32_t first_index) {
  DISPATCH(form, find_corrections, (int)adapterctl_element_size(type) * 8, base, predicted, count,
           corrections, first_index);
}

void adapterctl_correct(enum adapterctl_element type, void *predicted, size_t index,
                        uint64_t value) {
  int width = (int)adapterctl_element_size(type) * 8;
  uint64_t place = ordered(element_bits(predicted, index, width), width) + unzigzag(value);
  set_element_bits(predicted, index, width, unordered(place & all_bits(width), width));
}

void adapterctl_add_replacement(const double *base, const double *intended, const double *merged,
                                size_t count, struct adapterctl_merge_sums *sums) {
  for (size_t i = 0; i < count; i++) add_double(base[i], intended[i] - base[i], merged[i], sums);
}

uint64_t adapterctl_count_overflows(const double *before, const double *after, size_t count) {
  uint64_t overflows = 0;
  for (size_t i = 0; i < count; i++) overflows += isfinite(before[i]) && !isfinite(after[i]);
  return overflows;
}
