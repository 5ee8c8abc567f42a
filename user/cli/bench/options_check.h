/* SPDX-License-Identifier: GPL-2.0 */
/* Which options may stand beside each other. */
#ifndef BENCH_OPTIONS_CHECK_H
#define BENCH_OPTIONS_CHECK_H

#include <argp.h>

#include "run_options.h"

/* Keys of its own options */
enum {
	KEY_DEPTH = KEY_OWN, KEY_TIMEOUT, KEY_PAYLOAD, KEY_BATCH, KEY_WAIT, KEY_THOROUGH,
	KEY_RATE, KEY_ARRIVALS, KEY_CONNECT, KEY_LISTEN, KEY_ONCE, KEY_SENDERS, KEY_RECEIVERS,
};

#define MAX_OPTIONS	64

/**
 * struct command_line - what is read
 * @opts: out
 * @options: that there are
 * @given: of these, which were
 */
struct command_line {
	struct bench_options *opts;
	const struct argp_option *options;
	bool given[MAX_OPTIONS];
};

/** command_line_note() - the option of this key is there; what is none is left alone */
void command_line_note(struct command_line *line, int key);

/** options_have() - is this workload asked for? */
bool options_have(const struct bench_options *opts, enum workload workload);

/**
 * options_check() - at the end of the command line
 *
 * Ends the program with EXIT_USAGE when some do not go together, or nothing would heed one.
 */
void options_check(const struct command_line *line, const struct argp_state *state);

#endif /* BENCH_OPTIONS_CHECK_H */
