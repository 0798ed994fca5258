#include "elements_lanes.h"

LANE_FUNCTION void FORM(convert_lanes)(enum adapterctl_element from, const void *source,
                                       enum adapterctl_element to, void *target) {
  if (from == ADAPTERCTL_F64 && to < ADAPTERCTL_F32) {
    FORM(narrow)(FORM(rounded_to_odd)(*(const loose_doubles *)source), to, target, false);
  } else {
    FORM(narrow)(FORM(widened)(from, source), to, target, false);
  }
}

static void FORM(convert)(enum adapterctl_element from, const void *source,
                          enum adapterctl_element to, void *target, size_t count) {
  if (from == to) {
    memcpy(target, source, count * adapterctl_element_size(from));
    return;
  }
  const char *in = source;
  char *out = target;
  size_t in_width = adapterctl_element_size(from), out_width = adapterctl_element_size(to);
  for (; count >= LANES; count -= LANES, in += LANES * in_width, out += LANES * out_width)
    FORM(convert_lanes)(from, in, to, out);
  if (count) {
    uint64_t rest[LANES] = {0}, converted[LANES];
    memcpy(rest, in, count * in_width);
    FORM(convert_lanes)(from, rest, to, converted);
    memcpy(out, converted, count * out_width);
  }
}

static size_t FORM(count_non_finite)(const float *values, size_t count) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    found += (bits & 0x7F800000) == 0x7F800000;
  }
  return found;
}
