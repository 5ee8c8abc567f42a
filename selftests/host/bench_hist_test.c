// SPDX-License-Identifier: GPL-2.0
/* The histogram against sorted samples, and what it must not tell. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/hist.h"

#define SAMPLES		200000
#define MAX_ERROR	0.008

static uint64_t samples[SAMPLES];
static struct hist hist, half[2];
static int points, failed;

static void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, name);
	failed += !good;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t even(void)
{
	return (uint64_t)random() % 100000;
}

static uint64_t small(void)
{
	return (uint64_t)random() % 300;
}

/* Many powers of two, as latencies have */
static uint64_t wide(void)
{
	return (uint64_t)exp2(drand48() * 41);
}

/* Powers of two and their neighbours, where the steps change */
static uint64_t edges(void)
{
	return (1ull << random() % 41) + (uint64_t)random() % 3 - 1;
}

static bool close_enough(double percent)
{
	uint64_t rank = (uint64_t)ceil(SAMPLES * percent / 100), value;
	double want = (double)samples[rank - 1];

	if (!hist_percentile(&hist, percent, &value))
		return false;
	if (fabs((double)value - want) <= want * MAX_ERROR)
		return true;
	printf("# p%g is %.0f, told as %llu\n", percent, want,
	       (unsigned long long)value);
	return false;
}

static void fill(uint64_t (*draw)(void), const char *name)
{
	static const double percents[] = { 0.1, 1, 10, 50, 90, 99, 99.9 };
	uint64_t sum = 0;
	bool good = true;
	size_t i;

	memset(&hist, 0, sizeof(hist));
	memset(half, 0, sizeof(half));
	for (i = 0; i < SAMPLES; i++) {
		samples[i] = draw();
		sum += samples[i];
		hist_record(&half[i % 2], samples[i]);
	}
	hist_merge(&hist, &half[0]);
	hist_merge(&hist, &half[1]);
	qsort(samples, SAMPLES, sizeof(samples[0]), compare);
	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		good = close_enough(percents[i]) && good;
	good = good && hist.count == SAMPLES && hist.sum == sum &&
	       hist.min == samples[0] && hist.max == samples[SAMPLES - 1];
	ok(good, name);
}

static void few(void)
{
	uint64_t value = 12345;
	int i;

	memset(&hist, 0, sizeof(hist));
	ok(!hist_percentile(&hist, 50, &value), "no median of nothing");
	for (i = 0; i < 199; i++)
		hist_record(&hist, 7);
	ok(!hist_percentile(&hist, 50, &value) && value == 12345,
	   "no median with 99 beyond it");
	hist_record(&hist, 7);
	ok(hist_percentile(&hist, 50, &value) && value == 7,
	   "a median with 100 beyond it");
	for (i = 200; i < 9999; i++)
		hist_record(&hist, 7);
	ok(!hist_percentile(&hist, 99, &value), "no p99 of 9999");
	hist_record(&hist, 7);
	ok(hist_percentile(&hist, 99, &value), "a p99 of 10000");
}

static void huge(void)
{
	memset(&hist, 0, sizeof(hist));
	hist_record(&hist, UINT64_MAX);
	hist_record(&hist, 1ull << 42);
	ok(hist.max == UINT64_MAX && hist.bucket[HIST_BUCKETS - 1] == 2,
	   "values beyond the range are counted, the maximum is exact");
	ok(hist_index((1ull << 42) - 1) == HIST_BUCKETS - 1, "the range ends at 2^42");
}

int main(void)
{
	srandom(1);
	srand48(1);
	printf("TAP version 13\n");
	fill(even, "even values");
	fill(small, "small values");
	fill(wide, "values of many sizes");
	fill(edges, "values around powers of two");
	few();
	huge();
	printf("1..%d\n", points);
	return failed != 0;
}
