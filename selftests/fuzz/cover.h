/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the module is run, by KCOV: its blocks, and the edges between them.
 *
 * Edges are known by a hash, and kept for all processes; those that a program has and
 * nobody had before are what makes it worth keeping.
 */
#ifndef FUZZ_COVER_H
#define FUZZ_COVER_H

#include <stdbool.h>
#include <stdint.h>

#define COVER_EDGES	(1U << 18)
#define COVER_TEXT	(1U << 20)	/* bytes of the module at most */
#define COVER_NEW_MAX	512U

/**
 * struct cover_map - what is known, shared by all processes
 * @edges: nr of them
 * @blocks: likewise
 * @edge: 1 where it was seen
 * @block: a bit for each byte of the module's text: a block was run that begins there
 */
struct cover_map {
	uint32_t edges, blocks;
	uint8_t edge[COVER_EDGES];
	uint64_t block[COVER_TEXT / 64];
};

extern struct cover_map *cover_map;

/**
 * struct cover - a thread's recorder
 * @area: KCOV's, NULL for none
 * @nr_new: edges of @new
 * @new: those that are not in the map, as often as they were met
 */
struct cover {
	uint64_t *area;
	uint32_t nr_new;
	uint32_t new[COVER_NEW_MAX];
};

/** cover_base() - find where the module is; false if there is no telling */
bool cover_base(void);

/** cover_open() - record what this thread does from now on; 0 or -errno */
int cover_open(struct cover *c);

/** cover_begin() - before a call */
void cover_begin(struct cover *c);

/**
 * cover_end() - after a call: what it has run
 * @c: of this thread
 * @call: what call it was, which its first edge comes from
 */
void cover_end(struct cover *c, uint32_t call);

/** cover_learn() - these edges are known from now on; returns how many were not */
unsigned int cover_learn(const uint32_t *edge, unsigned int nr);

#endif /* FUZZ_COVER_H */
