// SPDX-License-Identifier: GPL-2.0
/*
 * Without arguments: the schedules of an open loop, and where the knee of a load curve is.
 * With bench: the benchmark, with a pipe that is slow, that stalls once, or that loses a
 * message.  Built and run by bench-load.sh.
 */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "cli.h"

const char *argp_program_version = "test";

extern const struct transport transport_pipe;

/* What the receiver's every release takes, and the sender's message $FAULT_AT */
#define SLOW_NS		1000000
#define STALL_NS	50000000

static unsigned long fault_at, sent;
static int own_side, points, failed;

static int attach(struct link *link, int side)
{
	own_side = side;
	return transport_pipe.attach(link, side);
}

static bool now(void)
{
	return !own_side && sent++ == fault_at;
}

static int nap(long ns)
{
	struct timespec ts = { .tv_nsec = ns };

	nanosleep(&ts, NULL);
	return 0;
}

static int done_slow(struct link *link)
{
	(void)link;
	return own_side ? nap(SLOW_NS) : 0;
}

static int send_stalled(struct link *link)
{
	if (now())
		nap(STALL_NS);
	return transport_pipe.send(link);
}

static int send_not(struct link *link)
{
	return now() ? 0 : transport_pipe.send(link);
}

static struct transport slow, stall, lose;

const struct transport *const transports[] = { &transport_pipe, &slow, &stall, &lose, NULL };

static void plant(struct transport *t, const char *name)
{
	struct transport fault = transport_pipe;

	fault.name = name;
	fault.attach = attach;
	if (t == &slow)
		fault.done = done_slow;
	else
		fault.send = t == &stall ? send_stalled : send_not;
	memcpy(t, &fault, sizeof(fault));
}

static void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, name);
	failed += !good;
}

#define GAPS	200000
#define GAP_NS	3333.25

static uint64_t gaps[GAPS];

/* Return: when the message after the last gap is due */
static uint64_t fill(enum arrivals arrivals, uint64_t seed)
{
	struct schedule s = schedule_start(arrivals, GAP_NS, seed);
	uint64_t at = schedule_next(&s), next;
	int i;

	for (i = 0; i < GAPS; i++) {
		next = schedule_next(&s);
		gaps[i] = next - at;
		at = next;
	}
	return at;
}

static void check_poisson(void)
{
	double mean = (double)fill(ARRIVALS_POISSON, 1) / GAPS, variance = 0;
	int i, longer = 0;

	for (i = 0; i < GAPS; i++) {
		variance += pow((double)gaps[i] - mean, 2) / GAPS;
		longer += (double)gaps[i] > 2 * GAP_NS;
	}
	printf("# mean %.1f, deviation %.1f, above twice the mean %.4f\n", mean,
	       sqrt(variance), (double)longer / GAPS);
	ok(fabs(mean / GAP_NS - 1) < 0.01, "Poisson: the mean gap");
	ok(fabs(sqrt(variance) / GAP_NS - 1) < 0.02, "its deviation is as large as it");
	ok(fabs((double)longer / GAPS - exp(-2)) < 0.005, "long gaps are as frequent as they are");
}

static void check_seed(void)
{
	uint64_t at = fill(ARRIVALS_POISSON, 5), first = gaps[0], last = gaps[GAPS - 1];

	ok(fill(ARRIVALS_POISSON, 5) == at && gaps[0] == first && gaps[GAPS - 1] == last,
	   "the same seed, the same schedule");
	ok(fill(ARRIVALS_POISSON, 6) != at && gaps[0] != first, "another seed, another one");
	at = fill(ARRIVALS_FIXED, 5);
	ok(at == (uint64_t)(GAPS * GAP_NS) && gaps[0] == 3333 && gaps[3] == 3334 &&
	   fill(ARRIVALS_FIXED, 6) == at, "fixed: a gap is a gap, none gets lost");
}

#define RATES	5

/* A curve: messages a second, their time, whether the rate was reached; and its knee */
static const struct curve {
	const char *name;
	double rate[RATES];
	uint64_t ns[RATES];
	bool reached[RATES];
	int knee;
} curves[] = {
	{ "the knee: reached, and not ten times as long as at the lowest",
	  { 30, 10, 20, 50, 40 }, { 990, 100, 150, 1100, 1100 },
	  { true, true, true, true, true }, 0 },
	{ "not reached, in whatever time, is beyond it",
	  { 10, 20, 30, 40, 50 }, { 100, 100, 100, 100, 100 },
	  { true, true, true, false, false }, 2 },
	{ "no knee where nothing was reached",
	  { 10, 20, 30, 40, 50 }, { 100, 100, 100, 100, 100 },
	  { false, false, false, false, false }, -1 },
};

static void check_knee(const struct curve *curve)
{
	struct bench_case cases[RATES] = { 0 };
	struct bench bench = { .cases = cases, .n_cases = RATES };
	int i, j, found = -1, knees = 0;

	for (i = 0; i < RATES; i++) {
		cases[i] = (struct bench_case){
			.transport = &transport_pipe, .workload = WORKLOAD_OPENLOOP,
			.size = 8, .runs = 1, .batch = 1,
			.hist = calloc(1, sizeof(struct hist)),
			.load = { .offered_per_s = curve->rate[i],
				  .reached = curve->reached[i] },
		};
		for (j = 0; j < 2 * HIST_MIN_BEYOND; j++)
			hist_record(cases[i].hist, curve->ns[i]);
	}
	load_find_knees(&bench);
	for (i = 0; i < RATES; i++) {
		if (cases[i].load.knee) {
			found = i;
			knees++;
		}
		free(cases[i].hist);
	}
	ok(found == curve->knee && knees <= 1, curve->name);
}

int main(int argc, char **argv)
{
	const char *at = getenv("FAULT_AT");
	size_t i;

	argp_err_exit_status = EXIT_USAGE;
	fault_at = at ? strtoul(at, NULL, 10) : 0;
	plant(&slow, "slow");
	plant(&stall, "stall");
	plant(&lose, "lose");
	if (argc > 1)
		return cmd_bench(argc - 1, argv + 1);
	check_poisson();
	check_seed();
	for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		check_knee(&curves[i]);
	return failed != 0;
}
