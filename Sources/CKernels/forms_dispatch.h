/* Names of the three compilations of a kernel, and the choice between them. A file that has kernels
   defines KERNELS_FILE and includes this one, which includes KERNELS_FILE once per form with FORM()
   naming its functions. */

#include <float.h>

/* What fixes every bit: no operation is fused or widened unless it says so, elements lie in the
   order of bytes that files have. */
#pragma STDC FP_CONTRACT OFF
_Static_assert(FLT_EVAL_METHOD == 0, "binary32 is computed in binary32");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are little-endian");

#define FORM_JOIN_(name, suffix) name##_##suffix
#define FORM_JOIN(name, suffix) FORM_JOIN_(name, suffix)
#define FORM(name) FORM_JOIN(name, FORM_SUFFIX)

#define FORM_SUFFIX scalar
#define FORM_IS_SCALAR 1
#include KERNELS_FILE
#undef FORM_SUFFIX
#undef FORM_IS_SCALAR
#define FORM_IS_SCALAR 0

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#define FORM_SUFFIX avx2
#include KERNELS_FILE
#undef FORM_SUFFIX
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2"))), \
    apply_to = function)
#define FORM_SUFFIX avx512
#define FORM_IS_AVX512 1
#include KERNELS_FILE
#undef FORM_SUFFIX
#undef FORM_IS_AVX512
#pragma clang attribute pop

#define DISPATCH(form, name, ...)                                                       \
  ((form) == ADAPTERCTL_FORM_AVX512 ? FORM_JOIN(name, avx512)(__VA_ARGS__)              \
   : (form) == ADAPTERCTL_FORM_AVX2 ? FORM_JOIN(name, avx2)(__VA_ARGS__)                \
                                    : FORM_JOIN(name, scalar)(__VA_ARGS__))
#else
#define DISPATCH(form, name, ...) FORM_JOIN(name, scalar)(__VA_ARGS__)
#endif
