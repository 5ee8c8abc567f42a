/* SPDX-License-Identifier: GPL-2.0 */
/* Options of a channel to create: of create, and of each verb that has --create. */
#ifndef IPCCHAN_CLI_CHAN_OPTS_H
#define IPCCHAN_CLI_CHAN_OPTS_H

#include "cli.h"

/*
 * struct chan_opts - what to do where there is no channel
 *
 * All zero before the options are parsed, but for a kind that is not the default.
 */
struct chan_opts {
	bool create;		/* --create, or the verb is create */
	const char *given;	/* one of the options that only a new channel has */
	struct ipcchan_opts open;
};

/* Both have a struct chan_opts for input.  The second one adds --create. */
extern const struct argp chan_opts_argp;
extern const struct argp chan_create_argp;

/**
 * chan_opts_check() - are the limits within those of the module?
 * @verb: argv[0] of the verb, for messages
 *
 * The kernel has one errno for all of them: this says which one it is.
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int chan_opts_check(const char *verb, const char *name, const struct ipcchan_opts *open);

/**
 * chan_opts_open() - open a channel, create it if that is asked for
 * @verb: argv[0] of the verb, for messages
 * @opts: as parsed
 * @role: IPCCHAN_ROLE_*
 * @nonblock: as of struct ipcchan_opts
 * @chan: out
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int chan_opts_open(const char *verb, const char *name, const struct chan_opts *opts,
	      uint32_t role, bool nonblock, struct ipcchan **chan);

#endif /* IPCCHAN_CLI_CHAN_OPTS_H */
