#ifndef BENCHMARKS_CZLIB_H
#define BENCHMARKS_CZLIB_H
// For crc32 alone: Digest.crc32 and the sum after each chunk of Data.db.
#include <zlib.h>
#endif
