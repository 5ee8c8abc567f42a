// SPDX-License-Identifier: GPL-2.0
/*
 * Several producers broadcast to several readers that are faster or slower: each gets what
 * it gets whole and in the order of each producer, and what it got and what it was told
 * to have lost is together what was sent.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "mring-util.h"

#define PRODUCERS	2
#define READERS		3
#define MAX_LEN		120U

struct head {
	uint64_t producer;
	uint64_t seq;
};

struct job {
	struct mring_mem mem;
	uint64_t count;
	uint32_t ready;
	uint64_t lost[READERS];
};

static struct job *job;

static size_t length_of(uint64_t seq)
{
	return sizeof(struct head) + msg_len(seq, MAX_LEN - sizeof(struct head));
}

static void produce(uint64_t producer)
{
	unsigned char buf[MAX_LEN];
	struct head head = { producer, 0 };
	struct ipcchan_bring ring;
	int ret;

	ret = bring_producer(&ring, &job->mem);
	for (; !ret && head.seq < job->count; head.seq++) {
		memcpy(buf, &head, sizeof(head));
		memcpy(buf + sizeof(head), pattern(head.seq),
		       length_of(head.seq) - sizeof(head));
		ret = ipcchan_bring_send(&ring, buf, length_of(head.seq), 20 * SEC);
		/* no faster than the fastest reader, mostly */
		if (head.seq % 64 == 0)
			usleep(50);
	}
	if (ret)
		TAP_REPORT("producer: %s", strerror(-ret));
	ipcchan_bring_detach(&ring);
}

static void read_all(uint64_t me)
{
	uint64_t next[PRODUCERS] = { 0 }, got = 0, lost, lost_in_all = 0;
	unsigned char buf[MAX_LEN];
	struct ipcchan_bring ring;
	struct head head;
	ssize_t len;

	EXPECT_EQ(bring_reader(&ring, &job->mem), 0);
	__atomic_fetch_add(&job->ready, 1, __ATOMIC_RELEASE);
	while (!tap_failures) {
		len = ipcchan_bring_recv(&ring, buf, sizeof(buf), 20 * SEC, &lost);
		if (len < 0) {
			TAP_REPORT("reader: %s", strerror((int)-len));
			break;
		}
		lost_in_all += lost;
		if (len == 1)
			break;
		memcpy(&head, buf, sizeof(head));
		if (head.producer >= PRODUCERS || (size_t)len != length_of(head.seq) ||
		    memcmp(buf + sizeof(head), pattern(head.seq),
			   (size_t)len - sizeof(head)) ||
		    head.seq < next[head.producer]) {
			TAP_REPORT("a message is torn, or out of order");
			break;
		}
		next[head.producer] = head.seq + 1;
		got++;
		if (me && got % (100 * me) == 0)
			usleep(1000);
	}
	EXPECT_EQ(got + lost_in_all, PRODUCERS * job->count);
	__atomic_store_n(&job->lost[me], lost_in_all, __ATOMIC_RELAXED);
	ipcchan_bring_detach(&ring);
}

static void until_ready(void)
{
	while (__atomic_load_n(&job->ready, __ATOMIC_ACQUIRE) < READERS)
		usleep(100);
}

static void send_end(void)
{
	struct ipcchan_bring ring;

	EXPECT_EQ(bring_producer(&ring, &job->mem), 0);
	EXPECT_EQ(ipcchan_bring_send(&ring, "", 1, SEC), 0);
	ipcchan_bring_detach(&ring);
}

static void job_new(size_t slots, uint64_t count)
{
	pattern_init();
	job = shared_mem(4096, true);
	job->mem = bring_new(slots, MAX_LEN, 0);
	job->count = SCALE(count);
}

static void *producer_thread(void *arg)
{
	produce((uintptr_t)arg);
	return NULL;
}

static void *reader_thread(void *arg)
{
	read_all((uintptr_t)arg);
	return NULL;
}

static void threads(size_t slots)
{
	pthread_t prod[PRODUCERS], reader[READERS];
	uintptr_t i;

	job_new(slots, 40000);
	for (i = 0; i < READERS; i++)
		EXPECT_EQ(pthread_create(&reader[i], NULL, reader_thread, (void *)i), 0);
	until_ready();
	for (i = 0; i < PRODUCERS; i++)
		EXPECT_EQ(pthread_create(&prod[i], NULL, producer_thread, (void *)i), 0);
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(prod[i], NULL);
	send_end();
	for (i = 0; i < READERS; i++)
		pthread_join(reader[i], NULL);
}

static void test_threads_small(void)
{
	threads(4);
	/* they did not get through by being slow */
	EXPECT(job->lost[READERS - 1] > 0);
}

static void test_threads_large(void)
{
	threads(1024);
}

#if !UNDER_TSAN /* which does not look across processes */
static void test_processes(void)
{
	pid_t pids[PRODUCERS + READERS];
	int i, status;

	job_new(64, 100000);
	for (i = READERS + PRODUCERS - 1; i >= 0; i--) {
		if (i == PRODUCERS - 1)
			until_ready();
		pids[i] = tap_fork(60);
		if (pids[i])
			continue;
		if (i < PRODUCERS)
			produce((uint64_t)i);
		else
			read_all((uint64_t)i - PRODUCERS);
		tap_child_exit();
	}
	for (i = 0; i < PRODUCERS + READERS; i++) {
		if (i == PRODUCERS)
			send_end();
		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
}
#endif

static const struct tap_test tests[] = {
#if !UNDER_TSAN
	{ "processes", test_processes },
#endif
	{ "threads, small ring", test_threads_small },
	{ "threads, large ring", test_threads_large },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
