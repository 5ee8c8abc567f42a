// SPDX-License-Identifier: GPL-2.0
/* Lost wake-ups in the ring of slots. */
#include "slots-kind.h"
#include "either-wakeup.h"

static ssize_t send_numbers(struct ipcchan_slots *slots, const uint64_t *numbers,
			    unsigned int count)
{
	return ipcchan_slots_send_many(slots, numbers, sizeof(*numbers), count,
				       IPCCHAN_WAIT_FOREVER);
}

static ssize_t recv_number(struct ipcchan_slots *slots, uint64_t *number)
{
	return ipcchan_slots_recv_many(slots, number, sizeof(*number), 1,
				       IPCCHAN_WAIT_FOREVER);
}

static void test_batches(void)
{
	check_stream(MAX_BATCH);
}

static const struct tap_test tests[] = {
	{ "ping-pong loses no wake-up", test_ping },
	{ "stream loses no wake-up", test_stream },
	{ "batches lose no wake-up", test_batches },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
