// SPDX-License-Identifier: GPL-2.0
/*
 * Two processes, and two threads, exchange messages of every length: nothing
 * lost, repeated, reordered or changed, and nobody sleeps for ever.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "ring-util.h"

#define MAX_LEN		4096

struct job {
	struct ipcchan_ring_shared *shared;
	uint64_t count;
	enum how { COPY, IN_PLACE, BATCH } how;
	int failures;
};

static size_t longest(const struct ipcchan_ring *ring)
{
	size_t max = ipcchan_ring_max_len(ring);

	return max < MAX_LEN ? max : MAX_LEN;
}

static int produce(const struct job *job)
{
	struct ipcchan_ring ring;
	unsigned char buf[MAX_LEN];
	uint64_t seq;
	size_t len;
	void *room;
	int ret;

	ret = ring_attach(&ring, job->shared, IPCCHAN_RING_PRODUCER);
	for (seq = 0; !ret && seq < job->count; seq++) {
		len = msg_len(seq, longest(&ring));
		if (job->how == COPY) {
			msg_fill(buf, len, seq);
			ret = ipcchan_ring_send(&ring, buf, len, 20 * SEC);
			continue;
		}
		while ((ret = ipcchan_ring_reserve(&ring, len, &room)) == -EAGAIN) {
			ret = ipcchan_ring_wait(&ring, len, 20 * SEC);
			if (ret)
				break;
		}
		if (ret)
			break;
		msg_fill(room, len, seq);
		ret = job->how == BATCH && seq + 1 < job->count ?
		      ipcchan_ring_commit_more(&ring) : ipcchan_ring_commit(&ring);
	}
	if (ret)
		TAP_REPORT("producer: %s at message %llu of %llu", strerror(-ret),
			   (unsigned long long)seq, (unsigned long long)job->count);
	return ret != 0;
}

static int consume(const struct job *job)
{
	struct ipcchan_ring ring;
	unsigned char buf[MAX_LEN];
	const void *msg = buf;
	uint64_t seq;
	ssize_t len;
	size_t want;
	int ret;

	ret = ring_attach(&ring, job->shared, IPCCHAN_RING_CONSUMER);
	for (seq = 0; !ret && seq < job->count; seq++) {
		want = msg_len(seq, longest(&ring));
		if (job->how == COPY)
			len = ipcchan_ring_recv(&ring, buf, sizeof(buf), 20 * SEC);
		else
			while ((len = ipcchan_ring_peek(&ring, &msg)) == -EAGAIN) {
				ret = ipcchan_ring_wait(&ring, 0, 20 * SEC);
				if (ret) {
					len = ret;
					break;
				}
			}
		if (len != (ssize_t)want || !msg_ok(msg, want, seq)) {
			TAP_REPORT("message %llu: %zd, not %zu bytes, or changed",
				   (unsigned long long)seq, len, want);
			return 1;
		}
		if (job->how == IN_PLACE)
			ret = ipcchan_ring_release(&ring);
		else if (job->how == BATCH)
			ret = ipcchan_ring_release_more(&ring);
	}
	if (ret)
		TAP_REPORT("consumer: %s", strerror(-ret));
	else if (ipcchan_ring_peek(&ring, &msg) != -EAGAIN)
		TAP_REPORT("more messages than were sent");
	return ret != 0;
}

#if !UNDER_TSAN /* which does not look across processes */
static void processes(size_t capacity, uint32_t flags, enum how how)
{
	struct job job = {
		.shared = ring_new(capacity, flags, -(uint64_t)capacity * 3),
		.count = SCALE(1000000),
		.how = how,
	};
	int status = 0;
	pid_t child;

	pattern_init();
	fflush(stdout);
	child = fork();
	if (!child) {
		alarm(60);
		produce(&job);
		tap_child_exit();
	}
	consume(&job);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
}

/*
 * The spinning ones have large rings: where the two share a processor with
 * others, each time that a ring is full or empty costs a time slice.
 */
static void test_process_spin(void)
{
	processes(1 << 20, IPCCHAN_RING_SPIN, COPY);
}

static void test_process_sleep(void)
{
	processes(1024, 0, COPY);
}

static void test_process_sleep_large(void)
{
	processes(65536, 0, IN_PLACE);
}

static void test_process_batch(void)
{
	processes(16384, 0, BATCH);
}
#endif

static void *produce_thread(void *arg)
{
	produce(arg);
	return NULL;
}

static void threads(size_t capacity, uint32_t flags, enum how how)
{
	struct job job = {
		.shared = ring_new(capacity, flags, -(uint64_t)capacity * 3),
		.count = SCALE(400000),
		.how = how,
	};
	pthread_t thread;

	pattern_init();
	EXPECT_EQ(pthread_create(&thread, NULL, produce_thread, &job), 0);
	consume(&job);
	pthread_join(thread, NULL);
}

static void test_thread_spin(void)
{
	threads(1 << 20, IPCCHAN_RING_SPIN, COPY);
}

static void test_thread_spin_in_place(void)
{
	threads(1 << 18, IPCCHAN_RING_SPIN, IN_PLACE);
}

static void test_thread_sleep(void)
{
	threads(1024, 0, IN_PLACE);
}

static void test_thread_batch(void)
{
	threads(4096, 0, BATCH);
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
