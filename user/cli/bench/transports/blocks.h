/* SPDX-License-Identifier: GPL-2.0 */
/* What transports whose messages lie in blocks have in common. */
#ifndef BENCH_TRANSPORTS_BLOCKS_H
#define BENCH_TRANSPORTS_BLOCKS_H

#include "chan.h"

/* Blocks that are taken, or given back, a system call; fewer where there are not so many. */
#define BLOCKS_PER_CALL		8

/**
 * struct blocks - blocks that are taken, or given back, many a system call
 * @offsets: of @nr blocks that this process has and does not use
 * @nr: how many
 * @most: room for so many in @offsets
 */
struct blocks {
	uint64_t *offsets;
	unsigned int nr;
	unsigned int most;
};

/**
 * blocks_bytes() - of memory for @link->depth bytes under way, and as many kept back
 *
 * Return: bytes, whole pages a message.
 */
size_t blocks_bytes(const struct link *link);

/**
 * blocks_init() - none
 *
 * Return: 0 or -ENOMEM.
 */
int blocks_init(struct blocks *blocks, const struct link *link);

/**
 * blocks_map() - map what the blocks of a channel lie in
 * @prot: of mmap()
 * @offset: 0 for the buffer, IPCCHAN_POOL_OFFSET
 *
 * Touched, so that no page fault falls into the measurement; until the process ends.
 *
 * Return: the address; NULL with @link->why filled.
 */
char *blocks_map(struct link *link, const struct ipcchan *chan, int prot, off_t offset);

/** blocks_recv() - receive a block: its length and @offset, or a negative errno */
ssize_t blocks_recv(struct link *link, uint64_t *offset);

/** blocks_done() - a block is not needed any more; 0 or a negative errno */
int blocks_done(struct link *link, struct blocks *blocks, uint64_t offset);

#endif /* BENCH_TRANSPORTS_BLOCKS_H */
