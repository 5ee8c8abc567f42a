/* SPDX-License-Identifier: GPL-2.0 */
/* Shared memory of System V and of POSIX, and processes that make experiments with it. */
#ifndef CLAIMS_SEGMENT_H
#define CLAIMS_SEGMENT_H

#include "lab.h"
#include "sysv.h"

#define SEGMENT_PAGES	4

/**
 * struct segment - what the processes share to tell what they saw
 * @sysv: the shared memory of the experiment
 * @posix: descriptor of another one, of the same size
 */
struct segment {
	struct claim_value v[CLAIM_VALUES];
	struct sysv sysv;
	int posix;
};

/** segment_size() - of both, bytes */
size_t segment_size(void);

/**
 * segment_run() - make a segment, and run the processes of an experiment with it
 * @v: out, CLAIM_VALUES of them: what the processes have set in the struct segment
 * @role: as of lab_run(), with a struct segment
 * @nr: how many
 *
 * Return: 0; negative errno with @lab->why filled.
 */
int segment_run(struct lab *lab, struct claim_value *v,
		int (*role)(void *arg, unsigned int index), unsigned int nr);

/** segment_attach() - as shmat(2), wherever there is room; NULL with errno set */
void *segment_attach(int id, int flags);

/** segment_write() - for fall_signal(): write a byte there */
void segment_write(void *mem);

#endif /* CLAIMS_SEGMENT_H */
