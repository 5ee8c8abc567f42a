// SPDX-License-Identifier: GPL-2.0
/* Lost wake-ups in the byte ring. */
#include "ring-kind.h"
#include "either-wakeup.h"

static ssize_t send_numbers(struct ipcchan_ring *ring, const uint64_t *numbers,
			    unsigned int count)
{
	int ret = ipcchan_ring_send(ring, numbers, count * sizeof(*numbers),
				    IPCCHAN_WAIT_FOREVER);

	return ret ? ret : (ssize_t)count;
}

static ssize_t recv_number(struct ipcchan_ring *ring, uint64_t *number)
{
	return ipcchan_ring_recv(ring, number, sizeof(*number), IPCCHAN_WAIT_FOREVER);
}

static const struct tap_test tests[] = {
	{ "ping-pong loses no wake-up", test_ping },
	{ "stream loses no wake-up", test_stream },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
