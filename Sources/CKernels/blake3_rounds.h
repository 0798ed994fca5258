/* The compression function of BLAKE3 (section 2.2 of its specification) as macros, so that the
   words may be numbers or vectors with one number per lane. */
#ifndef ADAPTERCTL_BLAKE3_ROUNDS_H
#define ADAPTERCTL_BLAKE3_ROUNDS_H

#define ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

/* Mixes two message words into one column or diagonal of the state `v`. */
#define MIX(a, b, c, d, x, y)           \
  do {                                  \
    v[a] = v[a] + v[b] + (x);           \
    v[d] = ROTATE(v[d] ^ v[a], 16);     \
    v[c] = v[c] + v[d];                 \
    v[b] = ROTATE(v[b] ^ v[c], 12);     \
    v[a] = v[a] + v[b] + (y);           \
    v[d] = ROTATE(v[d] ^ v[a], 8);      \
    v[c] = v[c] + v[d];                 \
    v[b] = ROTATE(v[b] ^ v[c], 7);      \
  } while (0)

/* One round: the four columns, then the four diagonals. The arguments are the indices of the
   message words in the order in which this round takes them. */
#define ROUND(i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15) \
  do {                                                                              \
    MIX(0, 4, 8, 12, m[i0], m[i1]);                                                 \
    MIX(1, 5, 9, 13, m[i2], m[i3]);                                                 \
    MIX(2, 6, 10, 14, m[i4], m[i5]);                                                \
    MIX(3, 7, 11, 15, m[i6], m[i7]);                                                \
    MIX(0, 5, 10, 15, m[i8], m[i9]);                                                \
    MIX(1, 6, 11, 12, m[i10], m[i11]);                                              \
    MIX(2, 7, 8, 13, m[i12], m[i13]);                                               \
    MIX(3, 4, 9, 14, m[i14], m[i15]);                                               \
  } while (0)

/* All seven; each takes the words of the one before it permuted. */
#define SEVEN_ROUNDS                                           \
  ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); \
  ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8); \
  ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1); \
  ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6); \
  ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4); \
  ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7); \
  ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)

enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

#endif
