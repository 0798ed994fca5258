#include "blake3.h"

#include <string.h>

#include "blake3_rounds.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the words are loaded as they lie in memory, which must be little-endian"
#endif

#define LANES 1
#define TARGET
#define NAME(x) scalar_##x
#include "blake3_lanes.h"

#if defined(__x86_64__)
#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define NAME(x) avx2_##x
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "blake3_lanes.h"

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define NAME(x) avx512_##x
#define ZIP_LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#include "blake3_lanes.h"
#endif

enum {
  CHUNK_BYTES = 1024,
  /* Chunks hashed before their tree is built: enough to fill the lanes on most levels. */
  GROUP_CHUNKS = ADAPTERCTL_BLAKE3_GROUP / CHUNK_BYTES,
  GROUP_BYTES = ADAPTERCTL_BLAKE3_GROUP,
  /* With fewer inputs than this, one after the other is faster than a vector partly used. */
  FEWEST_LANES = 3,
};

/* The chaining values of `count` whole chunks. */
static void chunk_values(enum adapterctl_form form, const uint8_t *bytes, size_t count,
                         uint64_t counter, uint32_t (*values)[8]) {
  for (size_t done = 0, used; done < count; done += used) {
    const uint8_t *first = bytes + done * CHUNK_BYTES;
    size_t left = count - done;
#if defined(__x86_64__)
    if (form == ADAPTERCTL_FORM_AVX512 && left >= FEWEST_LANES) {
      used = left < 16 ? left : 16;
      avx512_chunks(first, used, counter + done, values + done);
      continue;
    }
    if (form == ADAPTERCTL_FORM_AVX2 && left >= FEWEST_LANES) {
      used = left < 8 ? left : 8;
      avx2_chunks(first, used, counter + done, values + done);
      continue;
    }
#endif
    used = 1;
    scalar_chunks(first, used, counter + done, values + done);
  }
}

/* Replaces `count` chaining values by those of their pairs' parents; an odd last one stays. Returns
   how many are left. */
static size_t pair_up(enum adapterctl_form form, uint32_t (*values)[8], size_t count) {
  size_t parents = count / 2;
  for (size_t done = 0, used; done < parents; done += used) {
    size_t left = parents - done;
#if defined(__x86_64__)
    if (form == ADAPTERCTL_FORM_AVX512 && left >= FEWEST_LANES) {
      used = left < 16 ? left : 16;
      avx512_parents(values + 2 * done, used, 0, values + done);
      continue;
    }
    if (form == ADAPTERCTL_FORM_AVX2 && left >= FEWEST_LANES) {
      used = left < 8 ? left : 8;
      avx2_parents(values + 2 * done, used, 0, values + done);
      continue;
    }
#endif
    used = 1;
    scalar_parents(values + 2 * done, used, 0, values + done);
  }
  if (count % 2) memcpy(values[parents], values[count - 1], 32);
  return parents + count % 2;
}

/* The chaining value of the last chunk, of at most 1024 bytes. */
static void last_chunk(const uint8_t *bytes, size_t count, uint64_t counter, uint32_t root,
                       uint32_t value[8]) {
  memcpy(value, initial, 32);
  size_t offset = 0;
  do {
    uint8_t block[64] = {0};
    size_t used = count - offset < 64 ? count - offset : 64;
    if (used > 0) memcpy(block, bytes + offset, used);
    uint32_t flags = offset == 0 ? CHUNK_START : 0, m[16];
    if (offset + used == count) flags |= CHUNK_END | root;
    memcpy(m, block, 64);
    scalar_compress(value, m, (uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)used, flags);
    offset += used;
  } while (offset < count);
}

/* Joins subtrees until as many are left as the number of groups before the next has bits set. */
static void join_subtrees(struct adapterctl_blake3_state *state) {
  for (; state->depth > (uint64_t)__builtin_popcountll(state->groups); state->depth--)
    scalar_parents(state->stack + state->depth - 2, 1, 0, state->stack + state->depth - 2);
}

/* Left to right, the stack has the roots of the complete subtrees so far: neighbours are joined only
   once it is known that they are not the root's children. */
void adapterctl_blake3_add_group(enum adapterctl_form form, struct adapterctl_blake3_state *state,
                                 const uint8_t *bytes) {
  uint32_t group[GROUP_CHUNKS][8];
  size_t chunks = GROUP_CHUNKS;
  chunk_values(form, bytes, chunks, state->groups * GROUP_CHUNKS, group);
  while (chunks > 1) chunks = pair_up(form, group, chunks);
  join_subtrees(state);
  memcpy(state->stack[state->depth++], group, 32);
  state->groups++;
}

void adapterctl_blake3_finish(enum adapterctl_form form, struct adapterctl_blake3_state *state,
                              const uint8_t *bytes, size_t count, uint8_t digest[32]) {
  uint32_t value[8], group[GROUP_CHUNKS][8];
  if (state->groups == 0 && count <= CHUNK_BYTES) {
    last_chunk(bytes, count, 0, ROOT, value);
    memcpy(digest, value, 32);
    return;
  }
  size_t chunks = (count + CHUNK_BYTES - 1) / CHUNK_BYTES, whole = count / CHUNK_BYTES;
  uint64_t counter = state->groups * GROUP_CHUNKS;
  chunk_values(form, bytes, whole, counter, group);
  if (whole < chunks)
    last_chunk(bytes + whole * CHUNK_BYTES, count - whole * CHUNK_BYTES, counter + whole, 0,
               group[whole]);
  while (chunks > 2) chunks = pair_up(form, group, chunks);
  join_subtrees(state);
  memcpy(state->stack[state->depth], group, chunks * 32);
  state->depth += chunks;
  for (; state->depth > 2; state->depth--)
    scalar_parents(state->stack + state->depth - 2, 1, 0, state->stack + state->depth - 2);
  scalar_parents(state->stack, 1, ROOT, state->stack);
  memcpy(digest, state->stack[0], 32);
}

void adapterctl_blake3_in_form(enum adapterctl_form form, const uint8_t *bytes, size_t count,
                               uint8_t digest[32]) {
  struct adapterctl_blake3_state state;
  state.depth = state.groups = 0;
  for (; count > GROUP_BYTES; count -= GROUP_BYTES, bytes += GROUP_BYTES)
    adapterctl_blake3_add_group(form, &state, bytes);
  adapterctl_blake3_finish(form, &state, bytes, count, digest);
}

void adapterctl_blake3(const uint8_t *bytes, size_t count, uint8_t digest[32]) {
  adapterctl_blake3_in_form(adapterctl_best_form(), bytes, count, digest);
}
