/* Sixteen elements of any computed type, widened to binary32 lanes and rounded back; compiled once
   per form. Every rounding of this package to a narrower type happens here. */
#include "lanes.h"

/* The binary32 numbers that round on to 16 bits as the binary64 numbers themselves would: truncated,
   with the last bit set where bits were lost (rounding to odd). */
LANE_FUNCTION floats FORM(rounded_to_odd)(doubles value) {
  floats nearest = __builtin_convertvector(value, floats);
  doubles back = __builtin_convertvector(nearest, doubles);
  /* Comparisons give -1 where they hold; a NaN differs from itself and stays as it is. */
  words32 lost = __builtin_convertvector((back != value) & (value == value), words32);
  words32 too_far = __builtin_convertvector(
      __builtin_elementwise_abs(back) > __builtin_elementwise_abs(value), words32);
  return (floats)(((words32)nearest + too_far) | (lost & 1));
}

LANE_FUNCTION floats FORM(widened_f16)(const void *source) {
#if FORM_IS_SCALAR
  words32 half = __builtin_convertvector(*(const loose_words16 *)source, words32);
  words32 magnitude = half & 0x7FFF, bits = magnitude << 13;
  words32 special = bits | 0x7F800000 | (magnitude > 0x7C00 ? (words32)0x400000 : (words32)0);
  words32 subnormal = (words32)(__builtin_convertvector(magnitude, floats) * 0x1p-24f);
  bits = magnitude < 0x400 ? subnormal : magnitude < 0x7C00 ? bits + 0x38000000 : special;
  return (floats)(bits | (half & 0x8000) << 16);
#elif defined(FORM_IS_AVX512)
  return (floats)_mm512_cvtph_ps(_mm256_loadu_si256(source));
#else
  const __m128i *halves = source;
  floats target;
  ((__m256 *)&target)[0] = _mm256_cvtph_ps(_mm_loadu_si128(halves));
  ((__m256 *)&target)[1] = _mm256_cvtph_ps(_mm_loadu_si128(halves + 1));
  return target;
#endif
}

LANE_FUNCTION void FORM(narrow_f16)(floats value, void *target) {
#if FORM_IS_SCALAR
  words32 bits = (words32)value, magnitude = bits & 0x7FFFFFFF;
  words32 half = (magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  /* Below 2^-14 the adder rounds at the last bit of a binary16 subnormal for us. */
  words32 subnormal = (words32)((floats)magnitude + 0.5f) - 0x3F000000;
  words32 nan = 0x7E00 | (magnitude >> 13 & 0x3FF);
  half = magnitude < 0x38800000 ? subnormal : magnitude < 0x477FF000 ? half : (words32)0x7C00;
  half = magnitude > 0x7F800000 ? nan : half;
  *(loose_words16 *)target = __builtin_convertvector(half | (bits >> 16 & 0x8000), words16);
#elif defined(FORM_IS_AVX512)
  _mm256_storeu_si256(target, _mm512_cvtps_ph((__m512)value, _MM_FROUND_TO_NEAREST_INT));
#else
  const __m256 *values = (const __m256 *)&value;
  __m128i *halves = target;
  _mm_storeu_si128(halves, _mm256_cvtps_ph(values[0], _MM_FROUND_TO_NEAREST_INT));
  _mm_storeu_si128(halves + 1, _mm256_cvtps_ph(values[1], _MM_FROUND_TO_NEAREST_INT));
#endif
}

LANE_FUNCTION floats FORM(widened)(enum adapterctl_element type, const void *source) {
  switch (type) {
    case ADAPTERCTL_BF16:
      return (floats)(__builtin_convertvector(*(const loose_words16 *)source, words32) << 16);
    case ADAPTERCTL_F16: return FORM(widened_f16)(source);
    case ADAPTERCTL_F32: return *(const loose_floats *)source;
    case ADAPTERCTL_F64: return __builtin_convertvector(*(const loose_doubles *)source, floats);
  }
}

/* `calm`: no value is a NaN. */
LANE_FUNCTION void FORM(narrow)(floats value, enum adapterctl_element type, void *target,
                                bool calm) {
  switch (type) {
    case ADAPTERCTL_BF16: {
      words32 bits = (words32)value, rounded = bits + 0x7FFF + (bits >> 16 & 1);
      rounded = calm || value == value ? rounded : bits | 0x400000;
      *(loose_words16 *)target = __builtin_convertvector(rounded >> 16, words16);
      return;
    }
    case ADAPTERCTL_F16: FORM(narrow_f16)(value, target); return;
    case ADAPTERCTL_F32: *(loose_floats *)target = value; return;
    case ADAPTERCTL_F64: *(loose_doubles *)target = __builtin_convertvector(value, doubles); return;
  }
}
