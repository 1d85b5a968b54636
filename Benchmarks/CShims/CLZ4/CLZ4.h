#ifndef BENCHMARKS_CLZ4_H
#define BENCHMARKS_CLZ4_H
// LZ4 blocks, as Cassandra's LZ4Compressor writes them into Data.db.
#include <lz4.h>
#endif
