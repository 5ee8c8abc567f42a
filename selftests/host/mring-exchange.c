// SPDX-License-Identifier: GPL-2.0
/*
 * Several producers and consumers exchange messages of every length: each message
 * arrives whole, at one of them and once, those of one producer in order at each
 * consumer, and nobody sleeps for ever.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "mring-util.h"

#define PRODUCERS	3
#define CONSUMERS	2
#define MAX_LEN		120U
#define END		UINT64_MAX

struct head {
	uint64_t producer;
	uint64_t seq;
};

/* what all of them share */
struct job {
	struct mring_mem mem;
	uint64_t count;		/* of each producer */
	uint32_t batch;		/* messages in one call, 0 for those that copy */
	uint64_t received[PRODUCERS];
	uint64_t sum[PRODUCERS];	/* of the numbers received */
};

static struct job *job;

static size_t length_of(uint64_t seq)
{
	return sizeof(struct head) + msg_len(seq, MAX_LEN - sizeof(struct head));
}

static void fill(void *msg, uint64_t producer, uint64_t seq)
{
	struct head head = { producer, seq };

	memcpy(msg, &head, sizeof(head));
	memcpy((char *)msg + sizeof(head), pattern(seq), length_of(seq) - sizeof(head));
}

static int send_batch(struct ipcchan_mring *ring, uint64_t producer, uint64_t seq)
{
	struct iovec vec[IPCCHAN_CLAIM_BATCH];
	uint32_t i, want = job->batch;
	int n;

	if (want > job->count - seq)
		want = (uint32_t)(job->count - seq);
	for (i = 0; i < want; i++)
		vec[i].iov_len = length_of(seq + i);
	while ((n = ipcchan_mring_reserve_batch(ring, vec, want)) == -EAGAIN) {
		int ret = ipcchan_mring_wait(ring, 20 * SEC);

		if (ret)
			return ret;
	}
	for (i = 0; (int)i < n; i++)
		fill(vec[i].iov_base, producer, seq + i);
	if (n > 0 && ipcchan_mring_commit(ring))
		return -EIO;
	return n;
}

static void produce(uint64_t producer)
{
	unsigned char buf[MAX_LEN];
	struct ipcchan_mring ring;
	uint64_t seq = 0;
	int ret;

	ret = mring_producer(&ring, &job->mem);
	while (ret >= 0 && seq < job->count) {
		if (job->batch) {
			ret = send_batch(&ring, producer, seq);
			seq += ret > 0 ? (uint64_t)ret : 0;
			continue;
		}
		fill(buf, producer, seq);
		ret = ipcchan_mring_send(&ring, buf, length_of(seq), 20 * SEC);
		seq++;
	}
	if (ret < 0)
		TAP_REPORT("producer %llu: %s at %llu", (unsigned long long)producer,
			   strerror(-ret), (unsigned long long)seq);
	ipcchan_mring_detach(&ring);
}

/* Check one message.  Return: whether it was the end. */
static bool check(const void *msg, size_t len, uint64_t *next)
{
	struct head head;

	if (len == 1)
		return true;
	memcpy(&head, msg, sizeof(head));
	if (head.producer >= PRODUCERS || len != length_of(head.seq) ||
	    memcmp((const char *)msg + sizeof(head), pattern(head.seq),
		   len - sizeof(head))) {
		TAP_REPORT("a message is torn");
		return true;
	}
	if (head.seq < next[head.producer])
		TAP_REPORT("message %llu of %llu again or too late",
			   (unsigned long long)head.seq, (unsigned long long)head.producer);
	next[head.producer] = head.seq + 1;
	__atomic_fetch_add(&job->received[head.producer], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&job->sum[head.producer], head.seq, __ATOMIC_RELAXED);
	return false;
}

static void consume(void)
{
	uint64_t next[PRODUCERS] = { 0 };
	struct iovec vec[IPCCHAN_CLAIM_BATCH];
	unsigned char buf[MAX_LEN + 8];
	struct ipcchan_mring ring;
	bool end = false;
	int ret, n, i;

	ret = mring_consumer(&ring, &job->mem);
	while (!end && ret >= 0) {
		if (!job->batch) {
			ssize_t len = ipcchan_mring_recv(&ring, buf, sizeof(buf), 20 * SEC);

			ret = len < 0 ? (int)len : 0;
			end = ret || check(buf, (size_t)len, next);
			continue;
		}
		/* the messages that end it are one for each: do not take two */
		n = ipcchan_mring_peek_batch(&ring, vec, job->batch);
		if (n == -EAGAIN) {
			ret = ipcchan_mring_wait(&ring, 20 * SEC);
			continue;
		}
		for (i = 0; i < n; i++)
			end |= check(vec[i].iov_base, vec[i].iov_len, next);
		ret = n < 0 ? n : ipcchan_mring_release(&ring);
	}
	if (ret < 0)
		TAP_REPORT("consumer: %s", strerror(-ret));
	ipcchan_mring_detach(&ring);
}

static void *producer_thread(void *arg)
{
	produce((uintptr_t)arg);
	return NULL;
}

static void *consumer_thread(void *arg)
{
	(void)arg;
	consume();
	return NULL;
}

static void job_new(size_t slots, uint32_t flags, uint32_t batch, uint64_t count)
{
	pattern_init();
	job = shared_mem(4096, true);
	job->mem = mring_new(slots, MAX_LEN, flags);
	mring_start_at(&job->mem, -3ULL);
	job->count = SCALE(count);
	job->batch = batch;
}

/* Is the last message that @ring has sent claimed by a consumer? */
static bool claimed(const struct ipcchan_mring *ring)
{
	uint64_t head = __atomic_load_n(&job->mem.shared->cursor[1].word, __ATOMIC_ACQUIRE);

	return head >> IPCCHAN_CURSOR_POS_SHIFT == ring->c.pos + 1;
}

/* One message of one byte for each consumer, when all producers are done */
static void send_ends(uint32_t consumers)
{
	struct ipcchan_mring ring;

	EXPECT_EQ(mring_producer(&ring, &job->mem), 0);
	/* a batch may hold both ends: then the other consumer would wait for ever */
	while (consumers--) {
		EXPECT_EQ(ipcchan_mring_send(&ring, "", 1, 20 * SEC), 0);
		while (job->batch && consumers && !claimed(&ring))
			usleep(100);
	}
	ipcchan_mring_detach(&ring);
}

static void check_all_received(void)
{
	int i;

	for (i = 0; i < PRODUCERS; i++) {
		EXPECT_EQ(job->received[i], job->count);
		EXPECT_EQ(job->sum[i], job->count * (job->count - 1) / 2);
	}
}

static void threads(size_t slots, uint32_t flags, uint32_t batch, uint64_t count)
{
	pthread_t prod[PRODUCERS], cons[CONSUMERS];
	uintptr_t i;

	job_new(slots, flags, batch, count);
	for (i = 0; i < CONSUMERS; i++)
		EXPECT_EQ(pthread_create(&cons[i], NULL, consumer_thread, NULL), 0);
	for (i = 0; i < PRODUCERS; i++)
		EXPECT_EQ(pthread_create(&prod[i], NULL, producer_thread, (void *)i), 0);
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(prod[i], NULL);
	send_ends(CONSUMERS);
	for (i = 0; i < CONSUMERS; i++)
		pthread_join(cons[i], NULL);
	check_all_received();
}

static void test_threads(void)
{
	threads(8, 0, 0, 60000);
}

static void test_threads_batch(void)
{
	threads(16, 0, 5, 60000);
}

static void test_threads_spin(void)
{
	threads(1024, IPCCHAN_MRING_SPIN, 0, 60000);
}

#if !UNDER_TSAN /* which does not look across processes */
static pid_t child(uint64_t producer)
{
	pid_t pid = tap_fork(100);

	if (pid)
		return pid;
	if (producer == END)
		consume();
	else
		produce(producer);
	tap_child_exit();
	return 0;
}

static void processes(size_t slots, uint32_t batch)
{
	pid_t pids[PRODUCERS + CONSUMERS];
	int status, i;

	job_new(slots, 0, batch, 100000);
	for (i = 0; i < PRODUCERS + CONSUMERS; i++)
		pids[i] = child(i < PRODUCERS ? (uint64_t)i : END);
	for (i = 0; i < PRODUCERS + CONSUMERS; i++) {
		if (i == PRODUCERS)
			send_ends(CONSUMERS);
		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
	check_all_received();
}

static void test_processes(void)
{
	processes(4, 0);
}

static void test_processes_batch(void)
{
	processes(64, 16);
}
#endif

static const struct tap_test tests[] = {
#if !UNDER_TSAN
	{ "processes, small ring, all sleep often", test_processes },
	{ "processes, in batches", test_processes_batch },
#endif
	{ "threads, small ring", test_threads },
	{ "threads, in batches", test_threads_batch },
	{ "threads, spinning", test_threads_spin },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
