/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two processes, or two threads, exchange messages of every length over a ring of either
 * kind, ring-kind.h or slots-kind.h, which has been included: nothing lost, repeated,
 * reordered or changed, and nobody sleeps for ever.
 */
#ifndef EITHER_EXCHANGE_H
#define EITHER_EXCHANGE_H

#include <pthread.h>
#include <sys/wait.h>

#define MAX_LEN		4096

struct job {
	struct RING_SHARED *shared;
	uint64_t count;
	enum how { COPY, IN_PLACE, BATCH } how;
};

static size_t longest(const struct RING_HANDLE *ring)
{
	size_t max = RING(max_len)(ring);

	return max < MAX_LEN ? max : MAX_LEN;
}

/* Reserve, fill, and commit message @seq. */
static int build(struct RING_HANDLE *ring, const struct job *job, uint64_t seq)
{
	size_t len = msg_len(seq, longest(ring));
	void *room;
	int ret;

	while ((ret = RING(reserve)(ring, len, &room)) == -EAGAIN) {
		ret = kind_wait(ring, len, 20 * SEC);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	msg_fill(room, len, seq);
	return job->how == BATCH && seq + 1 < job->count ? RING(commit_more)(ring) :
							   RING(commit)(ring);
}

static void produce(const struct job *job)
{
	unsigned char buf[MAX_LEN];
	struct RING_HANDLE ring;
	uint64_t seq;
	size_t len;
	int ret;

	ret = kind_attach(&ring, job->shared, IPCCHAN_RING_PRODUCER);
	for (seq = 0; !ret && seq < job->count; seq++) {
		if (job->how == COPY) {
			len = msg_len(seq, longest(&ring));
			msg_fill(buf, len, seq);
			ret = RING(send)(&ring, buf, len, 20 * SEC);
		} else {
			ret = build(&ring, job, seq);
		}
	}
	if (ret)
		TAP_REPORT("producer: %s at message %llu of %llu", strerror(-ret),
			   (unsigned long long)seq, (unsigned long long)job->count);
}

static ssize_t await(struct RING_HANDLE *ring, const void **msg)
{
	ssize_t len;
	int ret;

	while ((len = RING(peek)(ring, msg)) == -EAGAIN) {
		ret = kind_wait(ring, 0, 20 * SEC);
		if (ret)
			return ret;
	}
	return len;
}

static void consume(const struct job *job)
{
	unsigned char buf[MAX_LEN];
	const void *msg = buf;
	struct RING_HANDLE ring;
	uint64_t seq;
	ssize_t len;
	size_t want;
	int ret;

	ret = kind_attach(&ring, job->shared, IPCCHAN_RING_CONSUMER);
	for (seq = 0; !ret && seq < job->count; seq++) {
		want = msg_len(seq, longest(&ring));
		len = job->how == COPY ? RING(recv)(&ring, buf, sizeof(buf), 20 * SEC) :
					 await(&ring, &msg);
		if (len != (ssize_t)want || !msg_ok(msg, want, seq)) {
			TAP_REPORT("message %llu: %zd, not %zu bytes, or changed",
				   (unsigned long long)seq, len, want);
			return;
		}
		if (job->how == IN_PLACE)
			ret = RING(release)(&ring);
		else if (job->how == BATCH)
			ret = RING(release_more)(&ring);
	}
	if (ret)
		TAP_REPORT("consumer: %s", strerror(-ret));
	else if (RING(peek)(&ring, &msg) != -EAGAIN)
		TAP_REPORT("more messages than were sent");
}

#if !UNDER_TSAN /* which does not look across processes */
static void processes(struct RING_SHARED *shared, enum how how)
{
	struct job job = { .shared = shared, .count = SCALE(1000000), .how = how };
	int status = 0;
	pid_t child;

	pattern_init();
	child = tap_fork(60);
	if (!child) {
		produce(&job);
		tap_child_exit();
	}
	consume(&job);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
}
#endif

static void *produce_thread(void *arg)
{
	produce(arg);
	return NULL;
}

static void threads(struct RING_SHARED *shared, enum how how)
{
	struct job job = { .shared = shared, .count = SCALE(400000), .how = how };
	pthread_t thread;

	pattern_init();
	EXPECT_EQ(pthread_create(&thread, NULL, produce_thread, &job), 0);
	consume(&job);
	pthread_join(thread, NULL);
}

#endif /* EITHER_EXCHANGE_H */
