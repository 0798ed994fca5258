/* The register tiles: up to TALL rows × WIDTH columns of accumulators stay in registers over the
   whole depth. AVX-512 has 32 registers, AVX2 has 16; the scalar form needs none. */
#undef TALL
#undef WIDTH
#undef STEP
#if FORM_IS_SCALAR
#define TALL 4
#define WIDTH 16
#define STEP 4
#elif defined(FORM_IS_AVX512)
#define TALL 14
#define WIDTH 32
#define STEP 16
#else
#define TALL 6
#define WIDTH 16
#define STEP 8
#endif

typedef float FORM(vector) __attribute__((ext_vector_type(STEP)));
typedef FORM(vector) FORM(loose_vector) __attribute__((aligned(1), may_alias));

#define UNROLLED _Pragma("clang loop unroll(full)")

/* One tile; `left` is packed [depth, rows]. */
LANE_FUNCTION void FORM(tile)(const int rows, const float *left, const float *panel, size_t depth,
                              float *out, size_t out_stride) {
  FORM(vector) sums[TALL][WIDTH / STEP];
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int j = 0; j < WIDTH / STEP; j++) sums[i][j] = (FORM(vector))(0.0f);
  for (size_t k = 0; k < depth; k++, left += rows, panel += WIDTH) {
    const FORM(loose_vector) *right = (const FORM(loose_vector) *)panel;
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < WIDTH / STEP; j++)
        sums[i][j] =
            __builtin_elementwise_fma((FORM(vector))(left[i]), (FORM(vector))right[j], sums[i][j]);
  }
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int j = 0; j < WIDTH / STEP; j++)
      ((FORM(loose_vector) *)(out + (size_t)i * out_stride))[j] = sums[i][j];
}

#undef UNROLLED

#define TILE(ROWS) case ROWS: FORM(tile)(ROWS, block, packed, depth, target, stride); break;

/* One block of rows against all panels; the block's left factor is packed [depth, rows]. */
static void FORM(product_block)(const float *block, size_t rows, const float *packed, size_t depth,
                                size_t columns, float *out, size_t out_stride) {
  float spare[TALL * WIDTH];
  for (size_t c = 0; c < columns; c += WIDTH, packed += depth * WIDTH) {
    size_t n = columns - c < WIDTH ? columns - c : WIDTH;
    float *target = n == WIDTH ? out + c : spare;
    size_t stride = n == WIDTH ? out_stride : WIDTH;
    switch (rows) {
      TILE(1) TILE(2) TILE(3) TILE(4)
#if !FORM_IS_SCALAR
      TILE(5) TILE(6)
#endif
#if defined(FORM_IS_AVX512)
      TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
#endif
    }
    if (n < WIDTH)
      for (size_t i = 0; i < rows; i++)
        memcpy(out + i * out_stride + c, spare + i * WIDTH, n * sizeof(float));
  }
}

#undef TILE

static void FORM(product)(const float *left, size_t rows, const float *packed, size_t depth,
                          size_t columns, float *out, size_t out_stride) {
  float block[BLOCK];
  size_t tallest = depth * TALL <= BLOCK ? TALL : depth < BLOCK ? BLOCK / depth : 1;
  while (rows) {
    /* Blocks of equal height: a low one at the end would be as slow as it is low. */
    size_t blocks = (rows + tallest - 1) / tallest, height = (rows + blocks - 1) / blocks;
    const float *factor = height == 1 ? left : block;
    if (height > 1)
      for (size_t k = 0; k < depth; k++)
        for (size_t i = 0; i < height; i++) block[k * height + i] = left[i * depth + k];
    FORM(product_block)(factor, height, packed, depth, columns, out, out_stride);
    left += height * depth;
    out += height * out_stride;
    rows -= height;
  }
}
