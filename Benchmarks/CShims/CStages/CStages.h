#ifndef BENCHMARKS_CSTAGES_H
#define BENCHMARKS_CSTAGES_H
// What a backup's bytes go through, by the libraries that Ringvault uses: measured bare, as the least they can cost.
#include <isa-l/crc.h>
#include <lz4frame.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <zstd.h>
#endif
