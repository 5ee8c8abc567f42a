// SPDX-License-Identifier: GPL-2.0
/* The rows of `ipcchan top`. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chan_format.h"
#include "top.h"
#include "words.h"

enum {
	BY_SENT,
	BY_RECEIVED,
	BY_BYTES,
	BY_QUEUED,
	BY_WAITING,
	BY_P50,
	BY_P99,
	BY_LOST,
	BY_OPEN,
	BY_ID,
	BY_NAME,
};

const char * const top_keys[] = {
	[BY_SENT] = "sent",
	[BY_RECEIVED] = "received",
	[BY_BYTES] = "bytes",
	[BY_QUEUED] = "queued",
	[BY_WAITING] = "waiting",
	[BY_P50] = "p50",
	[BY_P99] = "p99",
	[BY_LOST] = "lost",
	[BY_OPEN] = "open",
	[BY_ID] = "id",
	[BY_NAME] = "name",
	NULL
};

/* Columns after the name, in their order: what matters most on a narrow screen comes first. */
static const struct {
	const char *title;
	int width;
	int key;		/* -1: none */
} columns[] = {
	{ "SENT/s", 7, BY_SENT },
	{ "RECV/s", 7, BY_RECEIVED },
	{ "BYTES/s", 8, BY_BYTES },
	{ "LOST/s", 7, BY_LOST },
	{ "QUEUED", 7, BY_QUEUED },
	{ "USE%", 4, -1 },
	{ "P50", 8, BY_P50 },
	{ "P99", 8, BY_P99 },
	{ "WAIT-S", 7, BY_WAITING },
	{ "WAIT-R", 7, BY_WAITING },
	{ "OPEN", 5, BY_OPEN },
	{ "ID", 7, BY_ID },
	{ "KIND", 9, -1 },
	{ "USER", 8, -1 },
};

#define N_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static double value_of(const struct rate *rate, int key)
{
	const struct nl_chan *chan = rate->chan;

	switch (key) {
	case BY_SENT:
		return rate->per_s[IPCCHAN_A_STATS_SENT];
	case BY_RECEIVED:
		return rate->per_s[IPCCHAN_A_STATS_RECEIVED];
	case BY_BYTES:
		return rate->per_s[IPCCHAN_A_STATS_SENT_BYTES];
	case BY_QUEUED:
		return chan->msgs;
	case BY_WAITING:
		return (double)chan->waiting_senders + chan->waiting_receivers;
	case BY_P50:
		return rate->times.p50_ns;
	case BY_P99:
		return rate->times.p99_ns;
	case BY_LOST:
		return rate->per_s[IPCCHAN_A_STATS_LOST];
	case BY_OPEN:
		return chan->endpoints;
	default:
		return 0;
	}
}

static int compare_ids(const struct rate *x, const struct rate *y)
{
	return (x->chan->id > y->chan->id) - (x->chan->id < y->chan->id);
}

/* The largest first, names and ids as in a list; those that are level by id. */
static int compare(const void *a, const void *b, void *arg)
{
	const struct rate *x = a, *y = b;
	const struct top_view *view = arg;
	double vx = value_of(x, view->key), vy = value_of(y, view->key);
	int order;

	if (view->key == BY_NAME)
		order = strcmp(x->chan->name, y->chan->name);
	else if (view->key == BY_ID)
		order = compare_ids(x, y);
	else
		order = (vx < vy) - (vx > vy);
	if (view->reverse)
		order = -order;
	return order ? order : compare_ids(x, y);
}

static bool is_shown(const struct top_view *view, const struct nl_chan *chan)
{
	char name[NAME_TEXT_SIZE];

	if (!*view->filter)
		return true;
	chan_label_text(chan, name);
	if (strpbrk(view->filter, "*?["))
		return !fnmatch(view->filter, name, 0);
	return strstr(name, view->filter);
}

size_t top_select(const struct top_view *view, struct rate *rates, size_t n)
{
	struct top_view copy = *view;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (is_shown(view, rates[i].chan))
			rates[kept++] = rates[i];
	qsort_r(rates, kept, sizeof(*rates), compare, &copy);
	return kept;
}

int top_name_columns(const struct rate *rates, size_t n)
{
	/* that of the title */
	size_t longest = strlen("*NAME");

	for (size_t i = 0; i < n; i++) {
		char name[NAME_TEXT_SIZE];

		chan_label_text(rates[i].chan, name);
		if (text_columns(name) > longest)
			longest = text_columns(name);
	}
	return longest;
}

static void maybe_rate_text(bool known, double value, char text[SIZE_TEXT_SIZE])
{
	if (known)
		rate_text(value, text);
	else
		strcpy(text, "-");
}

void top_summary(const struct top *top, char line[TOP_LINE_SIZE])
{
	char sent[SIZE_TEXT_SIZE], received[SIZE_TEXT_SIZE], when[16];
	double sent_per_s = 0, received_per_s = 0;
	time_t now = time(NULL);
	struct tm tm;

	for (size_t i = 0; i < top->n; i++) {
		sent_per_s += value_of(&top->rates[i], BY_SENT);
		received_per_s += value_of(&top->rates[i], BY_RECEIVED);
	}
	maybe_rate_text(top->before.time_ns, sent_per_s, sent);
	maybe_rate_text(top->before.time_ns, received_per_s, received);
	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now, &tm));
	snprintf(line, TOP_LINE_SIZE, "ipcchan top - %s, %zu of %zu channels, %s/s sent, "
		 "%s/s received, by %s%s%s", when, top->n, top->now.n, sent, received,
		 top_keys[top->view.key], top->view.reverse ? " (reversed)" : "",
		 top->now.inconsistent ? ", incomplete" : "");
}

static void add_name(char line[TOP_LINE_SIZE], const char *name, int columns)
{
	text_fit(name, columns, line, TOP_LINE_SIZE);
}

/* Adds the cell of a column. */
static void add(char line[TOP_LINE_SIZE], size_t column, const char *text)
{
	size_t len = strlen(line);

	snprintf(line + len, TOP_LINE_SIZE - len, " %*s", columns[column].width, text);
}

void top_header(const struct top_view *view, char line[TOP_LINE_SIZE])
{
	char title[32];

	add_name(line, view->key == BY_NAME ? "*NAME" : "NAME", view->name_columns);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		snprintf(title, sizeof(title), "%s%s",
			 columns[i].key == view->key ? "*" : "", columns[i].title);
		add(line, i, title);
	}
}

static void add_rate(char line[TOP_LINE_SIZE], size_t column, const struct rate *rate)
{
	char text[SIZE_TEXT_SIZE];

	maybe_rate_text(rate->known, value_of(rate, columns[column].key), text);
	add(line, column, text);
}

static void add_number(char line[TOP_LINE_SIZE], size_t column, uint32_t value)
{
	char text[SIZE_TEXT_SIZE];

	snprintf(text, sizeof(text), "%u", value);
	add(line, column, text);
}

/* Which part of the limit: not of a broadcast's, for they are queued for each subscriber. */
static void add_use(char line[TOP_LINE_SIZE], size_t column, const struct nl_chan *chan)
{
	char text[SIZE_TEXT_SIZE] = "-";

	if (chan->kind != IPCCHAN_KIND_BROADCAST && chan->max_msgs)
		snprintf(text, sizeof(text), "%.0f%%", 100.0 * chan->msgs / chan->max_msgs);
	add(line, column, text);
}

static void add_time(char line[TOP_LINE_SIZE], size_t column, const struct times_sum *times,
		     uint64_t ns)
{
	char text[SIZE_TEXT_SIZE] = "-";

	if (times->messages)
		time_text(ns, text);
	add(line, column, text);
}

void top_line(const struct rate *rate, const struct top_view *view,
	      char line[TOP_LINE_SIZE])
{
	const struct nl_chan *chan = rate->chan;
	char name[NAME_TEXT_SIZE], user[USER_TEXT_SIZE];
	size_t i = 0;

	chan_label_text(chan, name);
	add_name(line, name, view->name_columns);
	/* SENT/s to LOST/s */
	while (i < 4)
		add_rate(line, i++, rate);
	add_number(line, i++, chan->msgs);
	add_use(line, i++, chan);
	add_time(line, i++, &rate->times, rate->times.p50_ns);
	add_time(line, i++, &rate->times, rate->times.p99_ns);
	add_number(line, i++, chan->waiting_senders);
	add_number(line, i++, chan->waiting_receivers);
	add_number(line, i++, chan->endpoints);
	add_number(line, i++, chan->id);
	add(line, i++, word_of(kind_words, chan->kind));
	user_text(chan->uid, view->numeric, user);
	add(line, i, user);
}
