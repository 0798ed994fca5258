/* Corrections of neighbouring elements, found sixteen at a time; compiled once per form. */

/* A bit for every lane in which the elements differ. */
LANE_FUNCTION uint64_t FORM(differing)(int width, const void *base, const void *predicted) {
  lane_flags flags;
  switch (width) {
    case 16:
      flags = __builtin_convertvector(
          *(const loose_words16 *)base != *(const loose_words16 *)predicted, lane_flags);
      break;
    case 32:
      flags = __builtin_convertvector(
          *(const loose_words32 *)base != *(const loose_words32 *)predicted, lane_flags);
      break;
    default:
      flags = __builtin_convertvector(
          *(const loose_words64 *)base != *(const loose_words64 *)predicted, lane_flags);
      break;
  }
  uint16_t bits;
  memcpy(&bits, &flags, sizeof bits);
  return bits;
}

/* The same for up to 64 elements. */
LANE_FUNCTION uint64_t FORM(differing_64)(int width, const char *base, const char *predicted,
                                          size_t count) {
  uint64_t bits = 0;
  size_t i = 0, size = (size_t)width / 8;
  for (; i + LANES <= count; i += LANES)
    bits |= FORM(differing)(width, base + i * size, predicted + i * size) << i;
  for (; i < count; i++)
    bits |= (uint64_t)(element_bits(base, i, width) != element_bits(predicted, i, width)) << i;
  return bits;
}

LANE_FUNCTION void FORM(find_corrections_in)(int width, const char *base, const char *predicted,
                                             size_t count,
                                             struct adapterctl_corrections *corrections,
                                             uint32_t first_index) {
  struct adapterctl_corrections found = *corrections;
  for (size_t start = 0; start < count; start += 64) {
    const char *a = base + start * (size_t)width / 8, *b = predicted + start * (size_t)width / 8;
    uint64_t bits = count - start >= 64 ? FORM(differing_64)(width, a, b, 64)
                                        : FORM(differing_64)(width, a, b, count - start);
    for (; bits; bits &= bits - 1) {
      uint32_t i = (uint32_t)__builtin_ctzll(bits);
      uint64_t place = ordered(element_bits(a, i, width), width);
      uint64_t guess = ordered(element_bits(b, i, width), width);
      found.indices[found.count] = first_index + (uint32_t)start + i;
      found.values[found.count++] = zigzag(place - guess, width);
    }
  }
  corrections->count = found.count;
}

static void FORM(find_corrections)(int width, const void *base, const void *predicted, size_t count,
                                   struct adapterctl_corrections *corrections,
                                   uint32_t first_index) {
  switch (width) {
    case 16:
      FORM(find_corrections_in)(16, base, predicted, count, corrections, first_index);
      return;
    case 32:
      FORM(find_corrections_in)(32, base, predicted, count, corrections, first_index);
      return;
    default:
      FORM(find_corrections_in)(64, base, predicted, count, corrections, first_index);
      return;
  }
}
