/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_WORKER_H
#define FUZZ_WORKER_H

#include "gen.h"
#include "shared.h"

/**
 * struct job - what a worker is to do
 * @nr: number of the worker
 * @workers: how many there are
 * @seed: of all random numbers
 * @out: folder that programs are left in before they are run, or NULL
 * @cover: whether there is coverage to go by
 */
struct job {
	unsigned int nr, workers;
	uint64_t seed;
	const char *out;
	bool cover;
};

/** worker_next() - the next program, new or out of those of the corpus */
void worker_next(struct random *r, struct prog *p);

/** worker_main() - until shared->stop; returns the exit status of the process */
int worker_main(const struct job *job);

/**
 * worker_distill() - run the corpus, and print those that run blocks that none before did
 * @f: where to
 *
 * Return: 0 or -errno.
 */
int worker_distill(FILE *f);

/** worker_replay() - run the corpus so many times; 0 or -errno */
int worker_replay(unsigned long times);

#endif /* FUZZ_WORKER_H */
