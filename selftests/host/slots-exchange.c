// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges over the ring of slots.  The spinning ones have large rings: where the two
 * share a processor with others, each time that a ring is full or empty costs a time slice.
 */
#include "slots-kind.h"
#include "either-exchange.h"

#if !UNDER_TSAN
static void test_process_spin(void)
{
	processes(slots_new(1 << 15, 56, IPCCHAN_RING_SPIN, -3ULL << 15), COPY);
}

static void test_process_sleep(void)
{
	processes(slots_new(16, 56, 0, -3ULL * 16), COPY);
}

static void test_process_in_place(void)
{
	processes(slots_new(1024, 24, 0, -3ULL * 1024), IN_PLACE);
}

static void test_process_batch(void)
{
	processes(slots_new(1024, 8, 0, -3ULL * 1024), BATCH);
}
#endif

/* shortly before 2^32, where the numbers in the slots begin again */
#define START		((1ULL << 32) - 1000)

static void test_thread_spin(void)
{
	threads(slots_new(1 << 14, 56, IPCCHAN_RING_SPIN, START), COPY);
}

static void test_thread_sleep(void)
{
	threads(slots_new(16, 24, 0, START), IN_PLACE);
}

static void test_thread_batch(void)
{
	threads(slots_new(64, 8, 0, START), BATCH);
}

static const struct tap_test tests[] = {
#if !UNDER_TSAN
	{ "two processes, spinning", test_process_spin },
	{ "two processes, few slots, both sleep often", test_process_sleep },
	{ "two processes, in place", test_process_in_place },
	{ "two processes, batches", test_process_batch },
#endif
	{ "two threads, spinning", test_thread_spin },
	{ "two threads, few slots, in place", test_thread_sleep },
	{ "two threads, batches", test_thread_batch },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
