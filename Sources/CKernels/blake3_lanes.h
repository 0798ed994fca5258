/* BLAKE3's compression of LANES inputs side by side: word i of every input in one vector. Included
   once per form with LANES (1, 8 or 16), TARGET (the function attribute) and NAME(x) defined. */

#if LANES == 1
typedef uint32_t NAME(words);
#else
typedef uint32_t NAME(words) __attribute__((vector_size(4 * LANES)));
#endif
#define WORDS NAME(words)
#define INLINE TARGET static inline __attribute__((always_inline))

/* Makes `m[i]` hold word i of the 64-byte blocks that start at `first`, `first + stride`, …; lanes
   from `used` on repeat the first block. */
INLINE void NAME(load)(const uint8_t *first, size_t stride, size_t used, WORDS m[16]) {
#if LANES == 1
  (void)stride, (void)used;
  memcpy(m, first, 64);
#else
  for (size_t part = 0; part < 16; part += LANES) {
    WORDS rows[LANES], zipped[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
      memcpy(&rows[lane], first + (lane < used ? lane : 0) * stride + 4 * part, sizeof(WORDS));
    /* Zipping the first half with the second log2(LANES) times transposes the square. */
    for (size_t step = 1; step < LANES; step *= 2) {
      for (size_t i = 0; i < LANES / 2; i++) {
        zipped[2 * i] = ZIP_LOW(rows[i], rows[i + LANES / 2]);
        zipped[2 * i + 1] = ZIP_HIGH(rows[i], rows[i + LANES / 2]);
      }
      memcpy(rows, zipped, sizeof rows);
    }
    memcpy(m + part, rows, sizeof rows);
  }
#endif
}

/* Replaces the chaining values `h` by those after the block `m`. */
INLINE void NAME(compress)(WORDS h[8], const WORDS m[16], WORDS counter_low, WORDS counter_high,
                           uint32_t byte_count, uint32_t flags) {
  const WORDS zero = counter_low ^ counter_low;
  WORDS v[16] = {h[0],
                 h[1],
                 h[2],
                 h[3],
                 h[4],
                 h[5],
                 h[6],
                 h[7],
                 zero + initial[0],
                 zero + initial[1],
                 zero + initial[2],
                 zero + initial[3],
                 counter_low,
                 counter_high,
                 zero + byte_count,
                 zero + flags};
  SEVEN_ROUNDS;
  for (int i = 0; i < 8; i++) h[i] = v[i] ^ v[i + 8];
}

/* Writes the chaining values of the first `used` lanes. */
INLINE void NAME(store)(const WORDS h[8], size_t used, uint32_t (*values)[8]) {
  uint32_t columns[8][LANES];
  memcpy(columns, h, sizeof columns);
  for (size_t lane = 0; lane < used; lane++)
    for (int i = 0; i < 8; i++) values[lane][i] = columns[i][lane];
}

/* The chaining values of `used` (1 ... LANES) whole chunks, the first of them number `counter`. */
TARGET static void NAME(chunks)(const uint8_t *bytes, size_t used, uint64_t counter,
                                uint32_t (*values)[8]) {
  uint32_t low[LANES], high[LANES];
  for (size_t lane = 0; lane < LANES; lane++) {
    low[lane] = (uint32_t)(counter + lane);
    high[lane] = (uint32_t)((counter + lane) >> 32);
  }
  WORDS counter_low, counter_high, h[8];
  memcpy(&counter_low, low, sizeof counter_low);
  memcpy(&counter_high, high, sizeof counter_high);
  for (int i = 0; i < 8; i++) h[i] = (counter_low ^ counter_low) + initial[i];
  for (size_t offset = 0; offset < 1024; offset += 64) {
    WORDS m[16];
    NAME(load)(bytes + offset, 1024, used, m);
    uint32_t flags = (offset == 0 ? CHUNK_START : 0) | (offset == 960 ? CHUNK_END : 0);
    NAME(compress)(h, m, counter_low, counter_high, 64, flags);
  }
  NAME(store)(h, used, values);
}

/* The chaining values of `used` (1 ... LANES) parents of two neighbours each; `values` may be
   `children`, as all children are read before the first parent is written. */
TARGET static void NAME(parents)(uint32_t (*children)[8], size_t used, uint32_t flags,
                                 uint32_t (*values)[8]) {
  WORDS m[16], h[8];
  NAME(load)((const uint8_t *)children, 64, used, m);
  const WORDS zero = m[0] ^ m[0];
  for (int i = 0; i < 8; i++) h[i] = zero + initial[i];
  NAME(compress)(h, m, zero, zero, 64, PARENT | flags);
  NAME(store)(h, used, values);
}

#undef WORDS
#undef INLINE
#undef LANES
#undef TARGET
#undef NAME
#undef ZIP_LOW
#undef ZIP_HIGH
