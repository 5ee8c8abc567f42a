// SPDX-License-Identifier: MIT
/*
 * A ring in the buffer of a channel: the kernel is entered only to sleep and to wake.
 *
 *	cc shared_ring.c -o shared_ring $(pkg-config --cflags --libs libipcchan) && ./shared_ring
 *
 * Prints:
 *	the sum of 100000 numbers is 4999950000
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <ipcchan/ring.h>

static int check(const char *what, ssize_t ret)
{
	if (ret < 0 && ret != -EAGAIN)
		errx(1, "%s: %s", what, strerror((int)-ret));
	return ret == -EAGAIN;
}

int main(void)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON, .buf_size = 65536 };
	uint64_t i, got, n = 100000, sum = 0;
	struct ipcchan_bell bell;
	struct ipcchan_ring ring;
	struct ipcchan *chan;
	void *mem, *room;
	size_t size;
	pid_t peer;

	check("open", ipcchan_open(&chan, NULL, &opts));
	check("map", ipcchan_map(chan, &mem, &size));
	check("bell", ipcchan_bell_chan(&bell, chan));
	check("format", ipcchan_ring_format(mem, size, 0));
	peer = fork();
	if (peer < 0)
		err(1, "fork");
	check("attach", ipcchan_ring_attach(&ring, mem, size, peer ? IPCCHAN_RING_CONSUMER :
					    IPCCHAN_RING_PRODUCER, &bell));
	for (i = 0; !peer && i < n; i++) {	/* built in place */
		while (check("reserve", ipcchan_ring_reserve(&ring, sizeof(i), &room)))
			check("wait", ipcchan_ring_wait(&ring, sizeof(i), IPCCHAN_WAIT_FOREVER));
		*(uint64_t *)room = i;
		check("commit", ipcchan_ring_commit(&ring));
	}
	for (i = 0; peer && i < n; i++) {	/* copied out */
		check("recv", ipcchan_ring_recv(&ring, &got, sizeof(got), IPCCHAN_WAIT_FOREVER));
		sum += got;
	}
	if (peer)
		printf("the sum of %" PRIu64 " numbers is %" PRIu64 "\n", n, sum);
	return 0;
}
