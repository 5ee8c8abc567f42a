// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "readable.h"
#include "rank.h"
#include "report/rows.h"

/* An open loop was offered so much more than is wanted that its times are of another load */
#define MUCH_MORE	2

static void print_interval(const struct spread *s)
{
	char low[READABLE_SIZE], high[READABLE_SIZE];

	if (s->sure)
		printf(" (95 %% sure: %s to %s)", readable(s->low, low), readable(s->high, high));
	else
		printf(" (%s to %s, too few runs to be sure)", readable(s->min, low),
		       readable(s->max, high));
}

/* At which load its times are */
static void print_load(const struct wanted *w, const struct candidate *c)
{
	double offered = rank_number(c->row, "offered_per_s");
	double knee = c->knee ? rank_number(c->knee, "offered_per_s") : 0;
	char cell[READABLE_SIZE];

	printf("    That is with %s messages a second offered", readable(offered, cell));
	if (!knee)
		printf("; no knee was found.\n");
	else
		printf("; its knee is at %s%s.\n", readable(knee, cell),
		       offered > knee ? ": messages queue up" :
		       knee < c->highest ? "" : " or beyond: no higher rate was offered");
	if (offered > MUCH_MORE * (double)w->rate)
		printf("    Times of a lower load: measure with \"ipcchan bench -w openloop --rate "
		       "%llu\".\n", (unsigned long long)w->rate);
}

/* What it carries, and how even the parts of many are */
static void print_carried(const struct wanted *w, const struct candidate *c)
{
	static const char *const names[] = { "sender", "receiver" };
	char cell[READABLE_SIZE], field[32];
	size_t i;

	if (c->carries > 0)
		printf("    It carries %s messages %s at least%s.\n", readable(c->carries, cell),
		       w->per, rank_is_each(c->row->workload) ? ", to each receiver" :
		       rank_is_many(c->row->workload) ? ", of all together" : "");
	if (rank_may_lose(c->row))
		printf("    Its sender waits for no receiver: one that is slower than these loses "
		       "messages.\n");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(field, sizeof(field), "%s_fairness", names[i]);
		if (rank_number(c->row, field) > 0)
			printf("    How even the %ss' parts are: %.3f, of 1 (Jain's index).\n",
			       names[i], rank_number(c->row, field));
	}
}

static void print_figures(const struct wanted *w, const struct candidate *c)
{
	const char *time = workload_times(c->row->workload);
	char cell[READABLE_SIZE];
	double ns[STATS_MAX];
	struct spread p99;

	printf("%s", c->row->transport);
	if (!w->wait)
		printf(" with wait %s", c->row->wait);
	printf(": a %s takes %s %s", time ? time : "message",
	       readable(c->time.median, cell), w->unit);
	print_interval(&c->time);
	if (rank_figure(c->row) != FIGURE_RATE &&
	    spread_find(ns, result_times(c->row, FIGURE_P99, ns), &p99))
		printf(", p99 %s", readable(p99.median, cell));
	printf(".\n");
	if (rank_is_open(c->row->workload))
		print_load(w, c);
	else
		print_carried(w, c);
	if (!strcmp(c->row->wait, wait_name(WAIT_SPIN)))
		printf("    It keeps a CPU busy on each side, messages or none.\n");
}

/* How another compares with the first of them */
static void print_shift(const struct shift *s)
{
	if (s->verdict == VERDICT_FEW)
		printf("    Of so few runs nobody can say whether the two differ.\n");
	else if (s->verdict == VERDICT_SAME)
		printf("    The two are indistinguishable: it takes %+.1f %% (%+.1f to %+.1f).\n",
		       100 * (s->ratio - 1), 100 * (s->low - 1), 100 * (s->high - 1));
	else
		printf("    It is %s: it takes %.2f times as long (%.2f to %.2f).\n",
		       verdict_name(s->verdict), s->ratio, s->low, s->high);
}

/* The second of @n, and which of the others cannot be told from the first either */
static void print_next(const struct wanted *w, const struct candidate *c, size_t n)
{
	struct shift shift;
	size_t i, told = 0;

	printf("  runner-up: ");
	print_figures(w, &c[1]);
	for (i = 1; i < n; i++) {
		if (!result_compare_rounds(c[0].row, c[i].row, rank_figure(c[0].row),
					   STATS_EFFECT, &shift))
			continue;
		if (i == 1)
			print_shift(&shift);
		else if (shift.verdict == VERDICT_SAME)
			printf("%s%s", told++ ? ", " : "  as good as the first, too: ",
			       c[i].row->transport);
	}
	if (told)
		printf("\n");
}

/* Those that are no answer for who needs all messages */
static void print_losing(const struct wanted *w, const struct candidate *c, size_t n)
{
	char cell[READABLE_SIZE];
	size_t i;

	if (!n)
		return;
	printf("  Only for receivers that may miss messages:");
	for (i = 0; i < n; i++)
		printf("%s %s (%.3g %% were lost, one that came takes %s %s)", i ? "," : "",
		       c[i].row->transport, 100 * rank_lost(c[i].row),
		       readable(c[i].time.median, cell), w->unit);
	printf(".\n");
}

/* Why it is not sure that one carries the rate */
static void print_most(const struct candidate *c)
{
	char cell[READABLE_SIZE];

	if (!rank_is_open(c->row->workload))
		printf("%s", readable(c->carries, cell));
	else if (c->carries <= 0)
		printf("none of its rates was reached");
	else
		printf("%s%s", readable(c->carries, cell),
		       c->carries < c->highest ? "" : ", the highest offered");
}

static void print_unable(const struct candidate *c, size_t n)
{
	size_t i;

	if (!n)
		return;
	printf("  It is not sure that these carry so many:");
	for (i = 0; i < n; i++) {
		printf("%s %s (", i ? "," : "", c[i].row->transport);
		print_most(&c[i]);
		printf(")");
	}
	printf(".\n");
}

/* For what, and by which figures */
static void print_question(const struct wanted *w, uint64_t size)
{
	bool open = rank_is_open(w->workload);
	char cell[READABLE_SIZE];

	printf("\nFor messages of %llu bytes", (unsigned long long)size);
	if (rank_is_many(w->workload))
		printf(", %llu sender%s, %llu receiver%s%s", (unsigned long long)w->senders,
		       w->senders == 1 ? "" : "s", (unsigned long long)w->receivers,
		       w->receivers == 1 ? "" : "s",
		       rank_is_each(w->workload) ? " of each message" : "");
	if (w->rate)
		printf(", %s of them a second", readable((double)w->rate, cell));
	printf(", %s%s, placement %s:\n", w->wait ? "wait " : "any wait", w->wait ? w->wait : "",
	       w->placement);
	if (open)
		printf("  (By an open loop, %s arrivals: times from when a message is due.)\n",
		       w->arrivals);
	else if (w->rate && !rank_is_many(w->workload))
		printf("  (Not by an open loop: times are those of a %s.)\n", w->workload);
}

void rank_print(const struct wanted *w, uint64_t size, struct candidate *c, size_t n)
{
	size_t able = rank_able_first(w, c, n), whole = rank_whole_first(w, c, able);

	print_question(w, size);
	if (whole) {
		printf("  use ");
		print_figures(w, &c[0]);
	} else if (able) {
		printf("  nothing that was measured brings each receiver all of them.\n");
	} else {
		printf("  nothing that was measured surely carries so many.\n");
	}
	if (whole > 1)
		print_next(w, c, whole);
	print_losing(w, c + whole, able - whole);
	print_unable(c + able, n - able);
}
