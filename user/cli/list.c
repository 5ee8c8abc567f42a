// SPDX-License-Identifier: GPL-2.0
/* ipcchan list: the channels of this network namespace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chan_format.h"
#include "cli.h"
#include "table.h"
#include "words.h"

struct list_args {
	bool json;
	bool pretty;
	bool stats;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "print a JSON array", 0 },
	{ "pretty", 'p', NULL, 0, "print the JSON indented (implies --json)", 0 },
	{ "stats", 's', NULL, 0, "print the counters too", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct list_args *args = state->input;

	(void)arg;
	switch (key) {
	case 'p':
		args->pretty = true;
		args->json = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case 's':
		args->stats = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument; \"ipcchan show NAME\" shows "
			   "one channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp list_argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "List the channels of this network namespace."
	       "\vMSGS and BYTES are queued now, OPEN is the number of descriptors, SLOW "
	       "what happens to a receiver of a broadcast that has no room.",
};

static const char * const columns[] = {
	"ID", "NAME", "KIND", "MODE", "OWNER", "OPEN", "MSGS", "MAX-MSGS",
	"BYTES", "MAX-BYTES", "MAX-MSG-SIZE", "BUFFER", "SPIN", "SLOW", "OPTIONS",
};

#define N_COLUMNS	(sizeof(columns) / sizeof(columns[0]))
/* NAME to OWNER, SLOW and OPTIONS */
#define LEFT_COLUMNS	0x601eUL

static void size_cell(struct table *table, uint64_t bytes)
{
	char text[SIZE_TEXT_SIZE];

	size_text(bytes, text);
	table_cell(table, "%s", text);
}

static void add_header(struct table *table, bool stats)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		table_cell(table, "%s", columns[i]);
	for (int i = IPCCHAN_A_STATS_SENT; stats && i <= IPCCHAN_A_STATS_MAX; i++) {
		char title[32];
		size_t len = strlen(chan_stat_name(i));

		for (size_t k = 0; k <= len; k++) {
			char c = chan_stat_name(i)[k];

			title[k] = c == '_' ? '-' : c >= 'a' ? c - 'a' + 'A' : c;
		}
		table_cell(table, "%s", title);
	}
}

static void add_row(struct table *table, const struct nl_chan *chan, bool stats)
{
	char name[NAME_TEXT_SIZE], owner[80], options[OPTIONS_TEXT_SIZE];
	char spin[SIZE_TEXT_SIZE];

	chan_name_text(chan, name);
	chan_options_text(chan, options);
	time_text(chan->spin_ns, spin);
	chan_owner_text(chan, owner, sizeof(owner));
	table_cell(table, "%u", chan->id);
	table_cell(table, "%s%s", name,
		   chan->flags & IPCCHAN_CHAN_UNLINKED ? " (deleted)" : "");
	table_cell(table, "%s", word_of(kind_words, chan->kind));
	table_cell(table, "%04o", chan->mode);
	table_cell(table, "%s", owner);
	table_cell(table, "%u", chan->endpoints);
	table_cell(table, "%u", chan->msgs);
	table_cell(table, "%u", chan->max_msgs);
	size_cell(table, chan->bytes);
	size_cell(table, chan->max_bytes);
	size_cell(table, chan->max_msg_size);
	if (chan->buf_size)
		size_cell(table, chan->buf_size);
	else
		table_cell(table, "-");
	table_cell(table, "%s", chan->spin_ns ? spin : "-");
	table_cell(table, "%s", chan->kind == IPCCHAN_KIND_BROADCAST ?
		   word_of(slow_words, chan->slow) : "-");
	table_cell(table, "%s", options);
	for (int i = IPCCHAN_A_STATS_SENT; stats && i <= IPCCHAN_A_STATS_MAX; i++)
		table_cell(table, "%llu", (unsigned long long)chan->stats[i]);
}

static int print_table(const char *verb, const struct nl_chan *chans, size_t n,
		       bool stats)
{
	size_t n_stats = IPCCHAN_A_STATS_MAX - IPCCHAN_A_STATS_SENT + 1;
	struct table *table;
	int err = -ENOMEM;

	table = table_new(N_COLUMNS + (stats ? n_stats : 0), LEFT_COLUMNS);
	if (table) {
		add_header(table, stats);
		for (size_t i = 0; i < n; i++)
			add_row(table, &chans[i], stats);
		err = table_print(table);
		table_free(table);
	}
	if (err) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	return cli_flush_stdout(verb);
}

static int print_json(const char *verb, const struct nl_chan *chans, size_t n,
		      const struct list_args *args)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, chan_json(&chans[i], args->stats))) {
			json_decref(array);
			array = NULL;
		}
	return json_print(verb, array, args->pretty);
}

int cmd_list(int argc, char **argv)
{
	struct list_args args = { 0 };
	struct nl_chan *chans = NULL;
	struct nl_error error;
	size_t n = 0;
	int err, status;

	argp_parse(&list_argp, argc, argv, 0, NULL, &args);
	err = nl_dump_channels(&chans, &n, &error);
	if (err)
		return cli_error_nl(argv[0], NULL, err, error.text);
	if (args.json)
		status = print_json(argv[0], chans, n, &args);
	else
		status = print_table(argv[0], chans, n, args.stats);
	free(chans);
	return status;
}
