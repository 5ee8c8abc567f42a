/* SPDX-License-Identifier: GPL-2.0 */
/* New programs, and changed ones: all by the numbers of a generator of random numbers. */
#ifndef FUZZ_GEN_H
#define FUZZ_GEN_H

#include "prog.h"

struct random {
	uint64_t state;
};

/** random_next() - 64 bits (splitmix64) */
static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/** random_below() - from 0 to @n - 1 */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (random_next(r) >> 32) * n >> 32;
}

/** random_one_in() - true once in @n times */
static inline bool random_one_in(struct random *r, uint32_t n)
{
	return !random_below(r, n);
}

/** gen_value() - a value for an argument of an operation; @before: of the calls before it */
uint64_t gen_value(struct random *r, const struct arg *arg, const struct prog *before);

/** gen_netlink() - append a request, as far as there is room */
void gen_netlink(struct random *r, struct prog *p);

/** gen_new() - a program, which for the most part begins with a channel that works */
void gen_new(struct random *r, struct prog *p);

/**
 * gen_mutate() - change a program
 * @r: random numbers
 * @p: program
 * @other: one that a part may be taken from
 */
void gen_mutate(struct random *r, struct prog *p, const struct prog *other);

/** prog_remove() - take out a call */
void prog_remove(struct prog *p, unsigned int at);

#endif /* FUZZ_GEN_H */
