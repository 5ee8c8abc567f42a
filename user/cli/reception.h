/* SPDX-License-Identifier: GPL-2.0 */
/* What ipcchan recv does. */
#ifndef IPCCHAN_CLI_RECEPTION_H
#define IPCCHAN_CLI_RECEPTION_H

#include "chan_opts.h"
#include "source.h"
#include "transfer.h"

/* struct recv_args - what was asked for */
struct recv_args {
	const char *name;
	const char *file;
	uint64_t count;		/* messages, 0: no limit */
	uint64_t bytes;		/* 0: no limit */
	int64_t timeout_ns;
	uint32_t batch;
	struct ipcchan_filter filter;
	struct chan_opts chan;
	bool lines;
	bool header;
	bool json;
	bool ring;
	bool pool;
	bool nonblock;
	bool verbose;
};

/* struct reception - and how far it has come; @src is filled in but not opened */
struct reception {
	const char *verb;
	const struct recv_args *args;
	struct source src;
	struct output out;
	struct transfer done;
	uint64_t placed;	/* of these, messages read in place */
	uint64_t last_ns;	/* when the last message came, or the start */
};

/**
 * reception_run() - receive until what was asked for is done, or a signal comes
 *
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int reception_run(struct reception *rx);

#endif /* IPCCHAN_CLI_RECEPTION_H */
