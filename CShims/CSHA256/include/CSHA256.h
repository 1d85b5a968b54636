#ifndef CSHA256_H
#define CSHA256_H
#include <stddef.h>
#include <stdint.h>

// SHA-256 (FIPS 180-4) of two messages side by side. Each pair of rounds waits for the one before it, so a single message
// leaves half of the processor's unit for it idle; a second one fills that. Only whole blocks of 64 bytes: padding and
// everything else is the caller's. OpenSSL has no such thing.

/// Whether this processor has the instructions; else the functions below must not be called.
int csha256_is_supported(void);
/// Takes `blocks` blocks into a message's state of eight words.
void csha256_one(uint32_t *_Nonnull state, const uint8_t *_Nonnull bytes, size_t blocks);
/// The same for two messages that have nothing to do with each other.
void csha256_two(uint32_t *_Nonnull first, const uint8_t *_Nonnull first_bytes, uint32_t *_Nonnull second,
                 const uint8_t *_Nonnull second_bytes, size_t blocks);
#endif
