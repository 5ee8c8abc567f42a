// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges over the byte ring.  The spinning ones have large rings: where the two share
 * a processor with others, each time that a ring is full or empty costs a time slice.
 */
#include "ring-kind.h"
#include "either-exchange.h"

static struct ipcchan_ring_shared *ring_of(size_t capacity, uint32_t flags)
{
	return ring_new(capacity, flags, -(uint64_t)capacity * 3);
}

#if !UNDER_TSAN
static void test_process_spin(void)
{
	processes(ring_of(1 << 20, IPCCHAN_RING_SPIN), COPY);
}

static void test_process_sleep(void)
{
	processes(ring_of(1024, 0), COPY);
}

static void test_process_sleep_large(void)
{
	processes(ring_of(65536, 0), IN_PLACE);
}

static void test_process_batch(void)
{
	processes(ring_of(16384, 0), BATCH);
}
#endif

static void test_thread_spin(void)
{
	threads(ring_of(1 << 20, IPCCHAN_RING_SPIN), COPY);
}

static void test_thread_spin_in_place(void)
{
	threads(ring_of(1 << 18, IPCCHAN_RING_SPIN), IN_PLACE);
}

static void test_thread_sleep(void)
{
	threads(ring_of(1024, 0), IN_PLACE);
}

static void test_thread_batch(void)
{
	threads(ring_of(4096, 0), BATCH);
}

static const struct tap_test tests[] = {
#if !UNDER_TSAN
	{ "two processes, spinning", test_process_spin },
	{ "two processes, small ring, both sleep often", test_process_sleep },
	{ "two processes, large ring, in place", test_process_sleep_large },
	{ "two processes, batches", test_process_batch },
#endif
	{ "two threads, spinning", test_thread_spin },
	{ "two threads, spinning, in place", test_thread_spin_in_place },
	{ "two threads, small ring, in place", test_thread_sleep },
	{ "two threads, batches", test_thread_batch },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
