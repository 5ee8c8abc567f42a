/* SPDX-License-Identifier: GPL-2.0 */
/* Channels and who has them open, for people and for programs. */
#ifndef IPCCHAN_CLI_TREE_H
#define IPCCHAN_CLI_TREE_H

#include <jansson.h>

#include "nl.h"

struct tree {
	struct nl_chan *chans;	/* by id */
	struct nl_ep *eps;	/* by channel and id */
	size_t n_chans, n_eps;
};

/**
 * tree_print() - to the standard output, endpoints of one process and role in one line
 * @numeric: numbers, not names, of users
 * @stats: with what is queued, was lost, and is in blocks
 */
void tree_print(const struct tree *tree, bool numeric, bool stats);

/**
 * tree_json() - an array of channels, each with its senders and receivers
 *
 * Return: a new reference; NULL when memory is short.
 */
json_t *tree_json(const struct tree *tree);

#endif /* IPCCHAN_CLI_TREE_H */
