#ifndef CISAL_H
#define CISAL_H
// CRC32 and CRC32C at memory speed, chosen at run time by what the processor has.
#include <isa-l/crc.h>
#endif
