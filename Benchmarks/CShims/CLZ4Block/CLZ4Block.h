#ifndef BENCHMARKS_CLZ4BLOCK_H
#define BENCHMARKS_CLZ4BLOCK_H
// LZ4 blocks, as Cassandra's LZ4Compressor writes them into Data.db; Ringvault itself writes LZ4 frames (CLZ4).
#include <lz4.h>
#endif
