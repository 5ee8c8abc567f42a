// SPDX-License-Identifier: GPL-2.0
/* The table of channels. */
#include <errno.h>

#include "chan_format.h"
#include "chan_table.h"
#include "table.h"
#include "words.h"

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
		char title[STAT_TITLE_SIZE];

		chan_stat_title(i, title);
		table_cell(table, "%s", title);
	}
}

static void add_row(struct table *table, const struct nl_chan *chan, bool stats,
		    bool numeric)
{
	char name[NAME_TEXT_SIZE], owner[OWNER_TEXT_SIZE], options[OPTIONS_TEXT_SIZE];
	char spin[SIZE_TEXT_SIZE];

	chan_name_text(chan, name);
	chan_options_text(chan, options);
	time_text(chan->spin_ns, spin);
	chan_owner_text(chan, numeric, owner);
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

int chans_print(const struct nl_chan *chans, size_t n, bool stats, bool numeric)
{
	size_t n_stats = stats ? IPCCHAN_A_STATS_MAX - IPCCHAN_A_STATS_SENT + 1 : 0;
	struct table *table = table_new(N_COLUMNS + n_stats, LEFT_COLUMNS);
	int err;

	if (!table)
		return -ENOMEM;
	add_header(table, stats);
	for (size_t i = 0; i < n; i++)
		add_row(table, &chans[i], stats, numeric);
	err = table_print(table);
	table_free(table);
	return err;
}
