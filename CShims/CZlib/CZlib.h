#ifndef CZLIB_H
#define CZLIB_H
// For crc32_combine alone: the CRC of a file from the CRCs of its pieces.
#include <zlib.h>
#endif
