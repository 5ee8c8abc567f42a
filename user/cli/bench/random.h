/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

/**
 * random_next() - splitmix64: the same numbers from the same seed, everywhere
 * @state: first the seed; any will do, 0 too
 */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

#endif /* BENCH_RANDOM_H */
