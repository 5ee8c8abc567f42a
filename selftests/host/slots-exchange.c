// SPDX-License-Identifier: GPL-2.0
/*
 * Two processes, and two threads, exchange messages over a ring of slots: nothing
 * lost, repeated, reordered or changed, and nobody sleeps for ever.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "slots-util.h"

struct job {
	struct ipcchan_slots_shared *shared;
	uint64_t count;
	size_t max;
	enum how { COPY, IN_PLACE, BATCH } how;
};

/* Reserve, fill, and commit message @seq. */
static int build(struct ipcchan_slots *slots, const struct job *job, uint64_t seq)
{
	size_t len = msg_len(seq, job->max);
	void *room;
	int ret;

	while ((ret = ipcchan_slots_reserve(slots, len, &room)) == -EAGAIN) {
		ret = ipcchan_slots_wait(slots, 20 * SEC);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	msg_fill(room, len, seq);
	return job->how == BATCH && seq + 1 < job->count ?
	       ipcchan_slots_commit_more(slots) : ipcchan_slots_commit(slots);
}

static void produce(const struct job *job)
{
	struct ipcchan_slots slots;
	unsigned char buf[64];
	uint64_t seq;
	size_t len;
	int ret;

	ret = slots_attach(&slots, job->shared, IPCCHAN_RING_PRODUCER);
	for (seq = 0; !ret && seq < job->count; seq++) {
		if (job->how == COPY) {
			len = msg_len(seq, job->max);
			msg_fill(buf, len, seq);
			ret = ipcchan_slots_send(&slots, buf, len, 20 * SEC);
		} else {
			ret = build(&slots, job, seq);
		}
	}
	if (ret)
		TAP_REPORT("producer: %s at message %llu of %llu", strerror(-ret),
			   (unsigned long long)seq, (unsigned long long)job->count);
}

static ssize_t await(struct ipcchan_slots *slots, const void **msg)
{
	ssize_t len;
	int ret;

	while ((len = ipcchan_slots_peek(slots, msg)) == -EAGAIN) {
		ret = ipcchan_slots_wait(slots, 20 * SEC);
		if (ret)
			return ret;
	}
	return len;
}

static void consume(const struct job *job)
{
	struct ipcchan_slots slots;
	unsigned char buf[64];
	const void *msg = buf;
	uint64_t seq;
	ssize_t len;
	size_t want;
	int ret;

	ret = slots_attach(&slots, job->shared, IPCCHAN_RING_CONSUMER);
	for (seq = 0; !ret && seq < job->count; seq++) {
		want = msg_len(seq, job->max);
		len = job->how == COPY ?
		      ipcchan_slots_recv(&slots, buf, sizeof(buf), 20 * SEC) :
		      await(&slots, &msg);
		if (len != (ssize_t)want || !msg_ok(msg, want, seq)) {
			TAP_REPORT("message %llu: %zd, not %zu bytes, or changed",
				   (unsigned long long)seq, len, want);
			return;
		}
		if (job->how == IN_PLACE)
			ret = ipcchan_slots_release(&slots);
		else if (job->how == BATCH)
			ret = ipcchan_slots_release_more(&slots);
	}
	if (ret)
		TAP_REPORT("consumer: %s", strerror(-ret));
	else if (ipcchan_slots_peek(&slots, &msg) != -EAGAIN)
		TAP_REPORT("more messages than were sent");
}

#if !UNDER_TSAN /* which does not look across processes */
static void processes(size_t count, size_t max, uint32_t flags, enum how how)
{
	struct job job = {
		.shared = slots_new(count, max, flags, -(uint64_t)count * 3),
		.count = SCALE(1000000),
		.max = max,
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
	processes(1 << 15, 56, IPCCHAN_RING_SPIN, COPY);
}

static void test_process_sleep(void)
{
	processes(16, 56, 0, COPY);
}

static void test_process_in_place(void)
{
	processes(1024, 24, 0, IN_PLACE);
}

static void test_process_batch(void)
{
	processes(1024, 8, 0, BATCH);
}
#endif

static void *produce_thread(void *arg)
{
	produce(arg);
	return NULL;
}

static void threads(size_t count, size_t max, uint32_t flags, enum how how)
{
	struct job job = {
		.shared = slots_new(count, max, flags, (1ULL << 32) - 1000),
		.count = SCALE(400000),
		.max = max,
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
	threads(1 << 14, 56, IPCCHAN_RING_SPIN, COPY);
}

static void test_thread_sleep(void)
{
	threads(16, 24, 0, IN_PLACE);
}

static void test_thread_batch(void)
{
	threads(64, 8, 0, BATCH);
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
