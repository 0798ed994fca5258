#ifndef ADAPTERCTL_BLAKE3_H
#define ADAPTERCTL_BLAKE3_H

#include <stddef.h>
#include <stdint.h>

#include "forms.h"

/* BLAKE3 in its plain hash mode: the 32-byte digest of `count` bytes, written from the
   specification (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: BLAKE3, one function, fast everywhere,
   2021). No allocation, no state; `bytes` may be NULL where `count` is 0. */
void adapterctl_blake3(const uint8_t *bytes, size_t count, uint8_t digest[32]);

/* The same in one form, which this machine must support. */
void adapterctl_blake3_in_form(enum adapterctl_form form, const uint8_t *bytes, size_t count,
                               uint8_t digest[32]);

/* Bytes that come in pieces: every group but the last is added once it is known that more follow. A
   state begins as zeros; it has one subtree per bit of the number of groups, and the two halves of
   the last group. */
enum { ADAPTERCTL_BLAKE3_GROUP = 256 * 1024 };

struct adapterctl_blake3_state {
  uint32_t stack[64][8];
  uint64_t depth, groups;
};

void adapterctl_blake3_add_group(enum adapterctl_form form, struct adapterctl_blake3_state *state,
                                 const uint8_t *bytes);

/* The digest of all groups and the last `count` bytes: at most one group, and none only where there
   were no groups. */
void adapterctl_blake3_finish(enum adapterctl_form form, struct adapterctl_blake3_state *state,
                              const uint8_t *bytes, size_t count, uint8_t digest[32]);

#endif
