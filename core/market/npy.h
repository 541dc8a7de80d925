/* One column in a .npy file of NumPy: version 1.0, one dimension, little endian, data aligned to 64 bytes.
 * Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays". */
#ifndef SLD_MARKET_NPY_H
#define SLD_MARKET_NPY_H

#include "base/os.h"

#include <stdint.h>

/* Types of 8 bytes as NumPy writes them. */
#define SLD__NPY_INT64 "<i8"
#define SLD__NPY_FLOAT64 "<f8"

typedef struct sld__npy {
  struct sld__map map;
  const void *values; /* [count] of 8 bytes, inside the map */
  size_t count;
} sld__npy;

/* Writes values[count] to `path`, synced; the file appears whole or not at all. EIO. */
sld_status sld__npy_write(const char *path, const char *type, const void *values, size_t count, sld_error *err);

/* Maps a file read-only. EIO: missing; EPARSE: no .npy file, another type or shape, cut off, or too long. Close with
 * sld__os_map_close(&out->map); nothing is open on failure. */
sld_status sld__npy_open(sld__npy *out, const char *path, const char *type, sld_error *err);

#endif
