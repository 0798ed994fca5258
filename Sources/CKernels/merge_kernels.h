#include "elements_lanes.h"

#include "corrections_lanes.h"

/* What the base's elements from `i` on are multiplied by, in a run that has gains. */
LANE_FUNCTION floats FORM(gains)(struct adapterctl_run run, size_t i) {
  return run.gain_step ? *(const loose_floats *)(run.gain + i) : (floats)(*run.gain);
}

/* The base as it comes back from stored values, before rounding. What is no number is predicted as
   0, the same on every machine; a correction brings it back. */
LANE_FUNCTION floats FORM(come_back)(struct adapterctl_run run, size_t i, bool calm,
                                     floats stored) {
  floats value = stored - *(const loose_floats *)(run.delta + i);
  if (run.gain) value /= FORM(gains)(run, i);
  return calm || value == value ? value : (floats)(0.0f);
}

LANE_FUNCTION void FORM(add_lanes)(floats base, floats intended, floats stored, bool calm,
                                   struct lane_sums *sums) {
  floats change = stored - base, infinity = (floats)(INFINITY), zero = (floats)(0.0f);
  sums->changed -= (words32)((stored != base) & (base == base));
  if (!calm) {
    sums->overflowed -= (words32)(~(__builtin_elementwise_abs(stored) < infinity) &
                                  (__builtin_elementwise_abs(base) < infinity));
    /* What is infinite or no number would drown every sum. */
    floats both = change + intended;
    change = both - both == zero ? change : zero;
    intended = both - both == zero ? intended : zero;
    base = both - both == zero ? base : zero;
  }
  sums->dot = __builtin_elementwise_fma(change, intended, sums->dot);
  sums->intended_squares = __builtin_elementwise_fma(intended, intended, sums->intended_squares);
  sums->base_squares = __builtin_elementwise_fma(base, base, sums->base_squares);
}

/* Merges the run's sixteen elements from `i` on; `base` and `merged` are the run's starts. What the
   base comes back as goes to `predicted`, where that is given. `calm`: no value is a NaN. */
LANE_FUNCTION void FORM(merge_lanes)(struct adapterctl_run run, size_t i, bool calm,
                                     const char *base, char *merged, struct lane_sums *sums,
                                     char *predicted) {
  floats w = FORM(widened)(run.base_type, base + i * adapterctl_element_size(run.base_type));
  floats delta = *(const loose_floats *)(run.delta + i), value = w + delta, intended = delta;
  if (run.gain) {
    floats gain = FORM(gains)(run, i);
    value = __builtin_elementwise_fma(gain, w, delta);
    intended = __builtin_elementwise_fma(gain - 1, w, delta);
  }
  /* Machines differ in the NaN they make and in the one they keep of two. */
  if (!calm) value = value == value ? value : (floats)(__builtin_nanf(""));
  merged += i * adapterctl_element_size(run.merged_type);
  FORM(narrow)(value, run.merged_type, merged, calm);
  floats stored = FORM(widened)(run.merged_type, merged);
  if (predicted)
    FORM(narrow)(FORM(come_back)(run, i, calm, stored), run.base_type, predicted, calm);
  FORM(add_lanes)(w, intended, stored, calm, sums);
}

LANE_FUNCTION void FORM(merge_strip)(struct adapterctl_run run, size_t start, size_t end, bool calm,
                                     const char *base, char *merged, struct lane_sums *sums,
                                     char *predicted) {
  size_t width = adapterctl_element_size(run.base_type);
  struct lane_sums own = {0};
  if (predicted) {
    for (size_t i = start; i < end; i += LANES)
      FORM(merge_lanes)(run, i, calm, base, merged, &own, predicted + (i - start) * width);
  } else {
    for (size_t i = start; i < end; i += LANES)
      FORM(merge_lanes)(run, i, calm, base, merged, &own, NULL);
  }
  *sums = own;
}

static void FORM(merge_wild_strip)(struct adapterctl_run run, size_t start, size_t end,
                                   const char *base, char *merged, struct lane_sums *sums,
                                   char *predicted) {
  FORM(merge_strip)(run, start, end, false, base, merged, sums, predicted);
}

/* Merges whole lanes, `run.count` being a multiple of them, and sums them up by strips. A run
   without gains is taken for calm: if it is not, infinity or NaN is in its sums, and the strip is
   merged again with all checks. */
LANE_FUNCTION void FORM(merge_strips)(struct adapterctl_run run, const char *base, char *merged,
                                      struct adapterctl_merge_sums *sums,
                                      struct adapterctl_corrections *corrections,
                                      uint32_t first_index) {
  size_t width = adapterctl_element_size(run.base_type);
  for (size_t start = 0; start < run.count; start += STRIP) {
    size_t end = run.count - start < STRIP ? run.count : start + STRIP;
    struct lane_sums lanes;
    char room[STRIP * sizeof(float)], *predicted = corrections ? room : NULL;
    if (!run.gain) FORM(merge_strip)(run, start, end, true, base, merged, &lanes, predicted);
    if (run.gain || !are_finite(&lanes))
      FORM(merge_wild_strip)(run, start, end, base, merged, &lanes, predicted);
    if (corrections)
      FORM(find_corrections)((int)width * 8, base + start * width, predicted, end - start,
                             corrections, first_index + (uint32_t)start);
    add_lane_sums(&lanes, sums);
  }
}

static void FORM(merge_any)(struct adapterctl_run run, const char *base, char *merged,
                            struct adapterctl_merge_sums *sums,
                            struct adapterctl_corrections *corrections, uint32_t first_index) {
  FORM(merge_strips)(run, base, merged, sums, corrections, first_index);
}

static void FORM(merge)(const struct adapterctl_run *run, const char *base, char *merged,
                        struct adapterctl_merge_sums *sums,
                        struct adapterctl_corrections *corrections, uint32_t first_index) {
  struct adapterctl_run whole = *run;
  whole.count -= run->count % LANES;
  if (run->base_type == ADAPTERCTL_BF16 && run->merged_type == ADAPTERCTL_BF16 && !run->gain) {
    /* The common case, compiled by itself. */
    struct adapterctl_run plain = {
        ADAPTERCTL_BF16, ADAPTERCTL_BF16, whole.count, NULL, 0, run->delta};
    FORM(merge_strips)(plain, base, merged, sums, corrections, first_index);
  } else {
    FORM(merge_any)(whole, base, merged, sums, corrections, first_index);
  }
  if (whole.count < run->count) {
    struct padded_rest rest = rest_of(run, whole.count);
    size_t merged_width = adapterctl_element_size(run->merged_type);
    memcpy(rest.source, base + whole.count * adapterctl_element_size(run->base_type),
           (run->count - whole.count) * adapterctl_element_size(run->base_type));
    FORM(merge_any)(run_of(&rest), (char *)rest.source, (char *)rest.target, sums, corrections,
                    first_index + (uint32_t)whole.count);
    memcpy(merged + whole.count * merged_width, rest.target,
           (run->count - whole.count) * merged_width);
  }
}

LANE_FUNCTION void FORM(predict_whole)(struct adapterctl_run run, const char *merged,
                                       char *predicted) {
  size_t base_width = adapterctl_element_size(run.base_type);
  size_t merged_width = adapterctl_element_size(run.merged_type);
  for (size_t i = 0; i < run.count; i += LANES) {
    floats stored = FORM(widened)(run.merged_type, merged + i * merged_width);
    FORM(narrow)(FORM(come_back)(run, i, false, stored), run.base_type,
                 predicted + i * base_width, false);
  }
}

static void FORM(predict)(const struct adapterctl_run *run, const char *merged, char *predicted) {
  struct adapterctl_run whole = *run;
  whole.count -= run->count % LANES;
  FORM(predict_whole)(whole, merged, predicted);
  if (whole.count < run->count) {
    struct padded_rest rest = rest_of(run, whole.count);
    size_t base_width = adapterctl_element_size(run->base_type);
    memcpy(rest.source, merged + whole.count * adapterctl_element_size(run->merged_type),
           (run->count - whole.count) * adapterctl_element_size(run->merged_type));
    FORM(predict_whole)(run_of(&rest), (char *)rest.source, (char *)rest.target);
    memcpy(predicted + whole.count * base_width, rest.target,
           (run->count - whole.count) * base_width);
  }
}
