/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of `ipcchan top`: rows, and the screen that shows them. */
#ifndef IPCCHAN_CLI_TOP_H
#define IPCCHAN_CLI_TOP_H

#include "sample.h"

#define TOP_LINE_SIZE	1024
#define TOP_FILTER_SIZE	128

/* What is shown, and in which order. */
struct top_view {
	int key;			/* of top_keys */
	bool reverse;
	bool numeric;
	int name_columns;		/* width of names: what is longer is cut off */
	char filter[TOP_FILTER_SIZE];	/* "" for all */
};

/* Words of what can be sorted by; NULL at the end. */
extern const char * const top_keys[];

/* struct top - what goes on, kept up to date by top_update() */
struct top {
	const char *verb;
	struct nl *nl;
	struct top_view view;
	int64_t interval_ns;
	struct sample before, now;
	struct rate *rates;	/* those to show, in order */
	size_t n;
};

/**
 * top_select() - leave out what the filter does not fit, and sort
 * @rates: in, out
 *
 * A filter with *, ? or [ is a pattern as in a shell, else a part of the name.
 *
 * Return: how many are left.
 */
size_t top_select(const struct top_view *view, struct rate *rates, size_t n);

/** top_name_columns() - the width that the longest name of those takes */
int top_name_columns(const struct rate *rates, size_t n);

/** top_summary() - the line above the table */
void top_summary(const struct top *top, char line[TOP_LINE_SIZE]);

/** top_header() - the titles of the columns, that of the key marked */
void top_header(const struct top_view *view, char line[TOP_LINE_SIZE]);

/** top_line() - a channel's row */
void top_line(const struct rate *rate, const struct top_view *view,
	      char line[TOP_LINE_SIZE]);

/**
 * top_update() - look at the channels again
 *
 * Return: 0; negative errno.
 */
int top_update(struct top *top);

/** top_sort() - filter and sort anew what the last look has brought; 0, -ENOMEM */
int top_sort(struct top *top);

/** top_free() - free what it has */
void top_free(struct top *top);

/**
 * top_screen() - show it on the whole terminal, until the user ends it
 * @count: for how many intervals, 0 for no end
 *
 * The terminal is as before when it returns.
 *
 * Return: 0; 1 after @count intervals, of which the last is not shown; -ENOTTY when the
 * terminal cannot be used so; another negative errno, of top_update().
 */
int top_screen(struct top *top, uint64_t count);

#endif /* IPCCHAN_CLI_TOP_H */
