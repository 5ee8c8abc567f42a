/* SPDX-License-Identifier: GPL-2.0 */
/* What the verbs that show something have in common: -j -p -s -n, and which channel. */
#ifndef IPCCHAN_CLI_VIEW_H
#define IPCCHAN_CLI_VIEW_H

#include "cli.h"
#include "nl.h"

/* All false before the options are parsed. */
struct view {
	bool json;
	bool pretty;
	bool stats;
	bool numeric;
};

/* Children of a verb's parser, whose input is a struct view: -j -p; with -n; with -s, too. */
extern const struct argp_child view_json[];
extern const struct argp_child view_numeric[];
extern const struct argp_child view_stats[];

/* A channel as the command line names it; all zero before it is parsed. */
struct chan_ref {
	const char *text;
	bool by_id;		/* "id N": no name is looked for */
	uint32_t id;
};

#define CHAN_REF_DOC	"NAME|ID|id N"

/**
 * chan_ref_arg() - take an argument that names a channel, or the end of the program
 *
 * It may come in two: "id", and its number.
 */
void chan_ref_arg(struct chan_ref *ref, const struct argp_state *state, const char *arg);

/**
 * chan_ref_get() - look up the channel: a number first as a name, then as an id
 * @chan: out
 * @times: out, may be NULL
 *
 * Return: as nl_get_channel().
 */
int chan_ref_get(struct nl *nl, const struct chan_ref *ref, struct nl_chan *chan,
		 struct nl_times *times);

/**
 * chan_ref_error() - say why a request for such a channel failed, and what to do
 * @verb: argv[0] of the verb
 * @nl: of the request
 * @ref: with no text where it was for all of them
 * @err: negative errno
 *
 * Return: EXIT_SYSTEM.
 */
int chan_ref_error(const char *verb, const struct nl *nl, const struct chan_ref *ref, int err);

/**
 * view_dumped() - say what is to be said of a dump
 * @verb: argv[0] of the verb
 * @ret: what the dump returned
 *
 * Return: EXIT_OK, also when it is inconsistent, which is told; EXIT_SYSTEM after a
 * message.
 */
int view_dumped(const char *verb, const struct nl *nl, int ret);

#endif /* IPCCHAN_CLI_VIEW_H */
