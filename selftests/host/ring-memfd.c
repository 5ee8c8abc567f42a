// SPDX-License-Identifier: GPL-2.0
/*
 * A ring over a memfd whose other side tries to take the memory away.  With
 * F_SEAL_SHRINK it cannot, as the headers say.
 */
#include <fcntl.h>
#include <sys/wait.h>

#include "slots-util.h"

#define SIZE	65536

/* Return: a mapping of a new memfd, *@fd */
static void *memfd_mem(int *fd, int seals)
{
	void *mem;

	*fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	EXPECT(*fd >= 0);
	EXPECT_EQ(ftruncate(*fd, SIZE), 0);
	if (seals)
		EXPECT_EQ(fcntl(*fd, F_ADD_SEALS, seals), 0);
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	EXPECT(mem != MAP_FAILED);
	return mem;
}

/* what the peer does to the memory */
static void cut(int fd)
{
	(void)!ftruncate(fd, 0);
	(void)!ftruncate(fd, SIZE / 2);
	fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, SIZE / 2);
	/* bytes that are 0 are bytes that a peer may write */
	EXPECT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, SIZE / 2,
			    SIZE / 2), 0);
}

/* Send and receive over memory that the peer has tried to take away. */
static void use(int seals)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_slots in, out;
	struct ipcchan_ring prod, cons;
	unsigned char buf[4096];
	void *mem;
	int fd, i;

	mem = memfd_mem(&fd, seals);
	EXPECT_EQ(ipcchan_ring_format(mem, SIZE, 0), 0);
	EXPECT_EQ(ipcchan_ring_attach(&prod, mem, SIZE, IPCCHAN_RING_PRODUCER, &bell), 0);
	EXPECT_EQ(ipcchan_ring_attach(&cons, mem, SIZE, IPCCHAN_RING_CONSUMER, &bell), 0);
	cut(fd);
	for (i = 0; i < 100; i++) {
		msg_fill(buf, 1000, (uint64_t)i);
		EXPECT_EQ(ipcchan_ring_send(&prod, buf, 1000, 0), 0);
		EXPECT_EQ(ipcchan_ring_recv(&cons, buf, sizeof(buf), 0), 1000);
		EXPECT(msg_ok(buf, 1000, (uint64_t)i));
	}
	close(fd);

	mem = memfd_mem(&fd, seals);
	EXPECT_EQ(ipcchan_slots_format(mem, SIZE, 1000, 0), 0);
	EXPECT_EQ(ipcchan_slots_attach(&out, mem, SIZE, IPCCHAN_RING_PRODUCER, &bell), 0);
	EXPECT_EQ(ipcchan_slots_attach(&in, mem, SIZE, IPCCHAN_RING_CONSUMER, &bell), 0);
	(void)!ftruncate(fd, SIZE / 2);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(ipcchan_slots_send(&out, pattern((uint64_t)i), 1000, 0), 0);
		EXPECT_EQ(ipcchan_slots_recv(&in, buf, sizeof(buf), 0), 1000);
		EXPECT(!memcmp(buf, pattern((uint64_t)i), 1000));
	}
	close(fd);
}

/* Return: how a child ends that uses rings over a memfd with these seals */
static int child(int seals)
{
	pid_t pid = tap_fork(30);
	int status = 0;

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		use(seals);
		tap_child_exit();
	}
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_sealed(void)
{
	EXPECT_EQ(child(F_SEAL_SHRINK), 0);
}

/* without it the test above would say nothing */
static void test_unsealed(void)
{
	int status = child(0);

	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

static const struct tap_test tests[] = {
	{ "a sealed memfd keeps its size", test_sealed },
	{ "one that is not sealed is taken away", test_unsealed },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
