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

/* Columns, in their order; the name, as wide as it is, comes last. */
static const struct {
	const char *title;
	int width;		/* negative: aligned to the left */
	int key;		/* -1: none */
} columns[] = {
	{ "ID", 7, BY_ID },
	{ "USER", -8, -1 },
	{ "KIND", -9, -1 },
	{ "SENT/s", 8, BY_SENT },
	{ "RECV/s", 8, BY_RECEIVED },
	{ "BYTES/s", 10, BY_BYTES },
	{ "LOST/s", 7, BY_LOST },
	{ "QUEUED", 7, BY_QUEUED },
	{ "PART", 5, -1 },
	{ "WAIT-S", 7, BY_WAITING },
	{ "WAIT-R", 7, BY_WAITING },
	{ "P50", 9, BY_P50 },
	{ "P99", 9, BY_P99 },
	{ "OPEN", 5, BY_OPEN },
	{ "NAME", -1, BY_NAME },
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
	chan_name_text(chan, name);
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
	rate_text(sent_per_s, sent);
	rate_text(received_per_s, received);
	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now, &tm));
	snprintf(line, TOP_LINE_SIZE, "ipcchan top - %s, %zu of %zu channels, %s/s sent, "
		 "%s/s received, by %s%s%s", when, top->n, top->now.n, sent, received,
		 top_keys[top->view.key], top->view.reverse ? " (reversed)" : "",
		 top->now.inconsistent ? ", incomplete" : "");
}

/* Adds the cell of a column. */
static void add(char line[TOP_LINE_SIZE], size_t column, const char *text)
{
	size_t len = strlen(line);

	snprintf(line + len, TOP_LINE_SIZE - len, "%s%*s", column ? " " : "",
		 columns[column].width, text);
}

void top_header(const struct top_view *view, char line[TOP_LINE_SIZE])
{
	char title[32];

	line[0] = '\0';
	for (size_t i = 0; i < N_COLUMNS; i++) {
		snprintf(title, sizeof(title), "%s%s",
			 columns[i].key == view->key ? "*" : "", columns[i].title);
		add(line, i, title);
	}
}

static void add_rate(char line[TOP_LINE_SIZE], size_t column, const struct rate *rate)
{
	char text[SIZE_TEXT_SIZE];

	rate_text(value_of(rate, columns[column].key), text);
	add(line, column, text);
}

static void add_number(char line[TOP_LINE_SIZE], size_t column, uint32_t value)
{
	char text[SIZE_TEXT_SIZE];

	snprintf(text, sizeof(text), "%u", value);
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

void top_line(const struct rate *rate, bool numeric, char line[TOP_LINE_SIZE])
{
	const struct nl_chan *chan = rate->chan;
	char name[NAME_TEXT_SIZE], user[USER_TEXT_SIZE], cell[USER_TEXT_SIZE], part[16];
	size_t i = 0;

	line[0] = '\0';
	add_number(line, i++, chan->id);
	user_text(chan->uid, numeric, user);
	text_fit(user, -columns[i].width, cell, sizeof(cell));
	add(line, i++, cell);
	add(line, i++, word_of(kind_words, chan->kind));
	for (int k = 0; k < 4; k++)
		add_rate(line, i++, rate);
	add_number(line, i++, chan->msgs);
	/* a broadcast's are queued for each of its subscribers */
	if (chan->kind == IPCCHAN_KIND_BROADCAST || !chan->max_msgs)
		strcpy(part, "-");
	else
		snprintf(part, sizeof(part), "%.0f%%", 100.0 * chan->msgs / chan->max_msgs);
	add(line, i++, part);
	add_number(line, i++, chan->waiting_senders);
	add_number(line, i++, chan->waiting_receivers);
	add_time(line, i++, &rate->times, rate->times.p50_ns);
	add_time(line, i++, &rate->times, rate->times.p99_ns);
	add_number(line, i++, chan->endpoints);
	chan_name_text(chan, name);
	add(line, i, name);
}
