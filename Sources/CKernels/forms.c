#include "forms.h"

int adapterctl_form_is_supported(enum adapterctl_form form) {
  switch (form) {
    case ADAPTERCTL_FORM_SCALAR:
      return 1;
#if defined(__x86_64__)
    case ADAPTERCTL_FORM_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("f16c");
    case ADAPTERCTL_FORM_AVX512:
      return adapterctl_form_is_supported(ADAPTERCTL_FORM_AVX2) &&
             __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    default:
      return 0;
  }
}

enum adapterctl_form adapterctl_best_form(void) {
  if (adapterctl_form_is_supported(ADAPTERCTL_FORM_AVX512)) return ADAPTERCTL_FORM_AVX512;
  if (adapterctl_form_is_supported(ADAPTERCTL_FORM_AVX2)) return ADAPTERCTL_FORM_AVX2;
  return ADAPTERCTL_FORM_SCALAR;
}
