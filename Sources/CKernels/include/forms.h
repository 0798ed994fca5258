#ifndef ADAPTERCTL_FORMS_H
#define ADAPTERCTL_FORMS_H

/* The forms in which a kernel is compiled. All forms of one kernel give the same bytes; they differ
   in speed only. A machine that is no x86 has the scalar form alone. */
enum adapterctl_form {
  /* Plain C for any machine. */
  ADAPTERCTL_FORM_SCALAR = 0,
  /* Needs AVX2, FMA and F16C: x86-64-v3. */
  ADAPTERCTL_FORM_AVX2 = 1,
  /* Needs AVX-512 F, BW, DQ and VL besides: x86-64-v4. */
  ADAPTERCTL_FORM_AVX512 = 2,
};

/* 1 where this machine can run the form, otherwise 0. */
int adapterctl_form_is_supported(enum adapterctl_form form);

/* The fastest form that this machine can run. */
enum adapterctl_form adapterctl_best_form(void);

#endif
