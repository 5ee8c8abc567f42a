// SPDX-License-Identifier: GPL-2.0
/*
 * A ring over a memfd whose other side tries to take the memory away.  With
 * F_SEAL_SHRINK it cannot, as the headers say.
 */
#include <fcntl.h>
#include <sys/wait.h>

#include "mring-util.h"
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

/*
 * Send and receive over memory that the peer has tried to take away, a ring of each kind.
 */
static void use_ring(int seals)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
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
}

static void use_slots(int seals)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_slots in, out;
	unsigned char buf[4096];
	void *mem;
	int fd, i;

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

/* The memory is the file whose locks are used, too. */
static struct mring_mem mring_memfd(int seals)
{
	struct mring_mem mem = { .size = SIZE };

	mem.shared = memfd_mem(&mem.life.fd, seals);
	return mem;
}

static void use_mring(int seals)
{
	struct mring_mem mem = mring_memfd(seals);
	struct ipcchan_mring prod, cons;
	unsigned char buf[4096];
	int i;

	EXPECT_EQ(mring_format(&mem, 1000, 0), 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	(void)!ftruncate(mem.life.fd, SIZE / 2);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(ipcchan_mring_send(&prod, pattern((uint64_t)i), 1000, 0), 0);
		EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 0), 1000);
		EXPECT(!memcmp(buf, pattern((uint64_t)i), 1000));
	}
	close(mem.life.fd);
}

static void use_bring(int seals)
{
	struct mring_mem mem = mring_memfd(seals);
	struct ipcchan_bring prod, reader;
	unsigned char buf[4096];
	int i;

	EXPECT_EQ(ipcchan_bring_format(mem.shared, SIZE, 1000, 0, &mem.life), 0);
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	(void)!ftruncate(mem.life.fd, SIZE / 2);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(ipcchan_bring_send(&prod, pattern((uint64_t)i), 1000, 0), 0);
		EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), 1000);
		EXPECT(!memcmp(buf, pattern((uint64_t)i), 1000));
	}
	close(mem.life.fd);
}

static void (*const kinds[])(int seals) = { use_ring, use_slots, use_mring, use_bring };

/* Return: how a child ends that uses a ring over a memfd with these seals */
static int child(void (*use)(int seals), int seals)
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
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		EXPECT_EQ(child(kinds[i], F_SEAL_SHRINK), 0);
}

/* without it the test above would say nothing */
static void test_unsealed(void)
{
	size_t i;
	int status;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		status = child(kinds[i], 0);
		EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	}
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
