// SPDX-License-Identifier: GPL-2.0
/*
 * kill -9 at random.  Each trial runs producers and consumers, kills some of them, and
 * looks whether the others go on; then what was committed must have been received,
 * whole, and not twice, but for what is said to be given again.
 *
 * MRING_KILLS=n in the environment is the number of trials of each test, MRING_SEED=n
 * where its random numbers start.
 */
#include <sched.h>
#include <sys/wait.h>

#include "mring-util.h"

#define PRODUCERS	2
#define CONSUMERS	2
#define CHILDREN	(PRODUCERS + CONSUMERS)
#define SLOTS		8U
#define MAX_LEN		100U
#define IDS		(1U << 16)	/* messages of a trial at most */
#define GO_ON		(3 * SLOTS)	/* messages that survivors have to receive */
#define HANGS_NS	(20 * SEC)

struct head {
	uint32_t trial;
	uint32_t id;
};

/* what the processes tell each other outside of the ring, by message */
struct notes {
	uint32_t next_id;
	uint32_t received;
	uint32_t stop;
	uint8_t committed[IDS];		/* its producer came back from the commit */
	uint8_t first[IDS];		/* so often received, not said to be again */
	uint8_t again[IDS];		/* so often received again */
	uint8_t released[IDS];		/* its consumer came back from the release */
};

static struct mring_mem mem;
static struct notes *notes;
static uint32_t trial;
static uint32_t batch;

static size_t length_of(uint32_t id)
{
	return sizeof(struct head) + msg_len(id, MAX_LEN - sizeof(struct head));
}

static bool stopped(void)
{
	return __atomic_load_n(&notes->stop, __ATOMIC_RELAXED);
}

/* Return: the first of @count numbers that nobody else uses, IDS when there are no more */
static uint32_t new_ids(uint32_t count)
{
	uint32_t id = __atomic_load_n(&notes->next_id, __ATOMIC_RELAXED);

	do {
		if (id + count > IDS)
			return IDS;
	} while (!__atomic_compare_exchange_n(&notes->next_id, &id, id + count, 0,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return id;
}

static int send_some(struct ipcchan_mring *ring)
{
	struct iovec vec[IPCCHAN_CLAIM_BATCH];
	uint32_t i, id = new_ids(batch);
	int n, ret;

	if (id == IDS) {
		usleep(100);
		return 0;
	}
	for (i = 0; i < batch; i++)
		vec[i].iov_len = length_of(id + i);
	n = ipcchan_mring_reserve_batch(ring, vec, batch);
	if (n == -EAGAIN)
		return ipcchan_mring_wait(ring, 50 * MSEC);
	if (n < 0)
		return n;
	for (i = 0; (int)i < n; i++) {
		struct head head = { trial, id + i };

		memcpy(vec[i].iov_base, &head, sizeof(head));
		memcpy((char *)vec[i].iov_base + sizeof(head), pattern(id + i),
		       length_of(id + i) - sizeof(head));
	}
	ret = ipcchan_mring_commit(ring);
	for (i = 0; (int)i < n; i++)
		notes->committed[id + i] = 1;
	return ret;
}

/* Return: the number of the message, IDS when it is none of this trial's */
static uint32_t check(const struct ipcchan_mring *ring, const struct iovec *msg)
{
	struct head head;
	uint8_t *count;

	memcpy(&head, msg->iov_base, sizeof(head));
	if (head.trial != trial || head.id >= IDS || msg->iov_len != length_of(head.id) ||
	    memcmp((const char *)msg->iov_base + sizeof(head), pattern(head.id),
		   msg->iov_len - sizeof(head))) {
		TAP_REPORT("trial %u: a torn or stale message, of trial %u", trial,
			   head.trial);
		return IDS;
	}
	count = ipcchan_mring_again(ring) ? notes->again : notes->first;
	__atomic_fetch_add(&count[head.id], 1, __ATOMIC_RELAXED);
	if (ipcchan_mring_again(ring) && notes->released[head.id])
		TAP_REPORT("trial %u: a released message comes again", trial);
	return head.id;
}

static int recv_some(struct ipcchan_mring *ring, int64_t timeout_ns)
{
	struct iovec vec[IPCCHAN_CLAIM_BATCH];
	uint32_t ids[IPCCHAN_CLAIM_BATCH];
	int i, n, ret;

	n = ipcchan_mring_peek_batch(ring, vec, batch);
	if (n == -EAGAIN)
		return ipcchan_mring_wait(ring, timeout_ns);
	if (n < 0)
		return n;
	for (i = 0; i < n; i++) {
		ids[i] = check(ring, &vec[i]);
		if (ids[i] == IDS)
			return -EIO;
	}
	ret = ipcchan_mring_release(ring);
	for (i = 0; i < n; i++)
		notes->released[ids[i]] = 1;
	__atomic_fetch_add(&notes->received, (uint32_t)n, __ATOMIC_RELAXED);
	return ret;
}

static void child_main(bool producer)
{
	struct ipcchan_mring ring;
	int ret;

	ret = producer ? mring_producer(&ring, &mem) : mring_consumer(&ring, &mem);
	while (!ret && !stopped()) {
		ret = producer ? send_some(&ring) : recv_some(&ring, 50 * MSEC);
		/* whether anything goes on is seen by the parent */
		if (ret == -ETIMEDOUT)
			ret = 0;
	}
	if (ret)
		TAP_REPORT("trial %u: %s: %s", trial, producer ? "producer" : "consumer",
			   strerror(-ret));
	ipcchan_mring_detach(&ring);
}

static pid_t child(bool producer)
{
	pid_t pid = tap_fork(60);

	if (!pid) {
		child_main(producer);
		tap_child_exit();
	}
	return pid;
}

static void expect_progress(void)
{
	uint32_t before = __atomic_load_n(&notes->received, __ATOMIC_RELAXED);
	int64_t end = now_ns() + HANGS_NS;

	while (__atomic_load_n(&notes->received, __ATOMIC_RELAXED) - before < GO_ON &&
	       __atomic_load_n(&notes->next_id, __ATOMIC_RELAXED) < IDS - 100) {
		if (now_ns() > end) {
			TAP_REPORT("trial %u: the survivors hang", trial);
			return;
		}
		usleep(200);
	}
}

/* What is left, by one who comes when all others are gone */
static void drain(void)
{
	struct ipcchan_mring ring;
	int ret;

	EXPECT_EQ(mring_consumer(&ring, &mem), 0);
	do {
		ret = recv_some(&ring, 0);
	} while (!ret);
	EXPECT_EQ(ret, -ETIMEDOUT);
	EXPECT_EQ(ipcchan_mring_recover(&ring), 0);
	EXPECT_EQ(recv_some(&ring, 0), -ETIMEDOUT);
	ipcchan_mring_detach(&ring);
}

static void check_notes(uint32_t consumers_killed)
{
	uint32_t id;

	for (id = 0; id < notes->next_id && id < IDS; id++) {
		if (notes->committed[id] && !notes->first[id] && !notes->again[id])
			TAP_REPORT("trial %u: message %u is lost", trial, id);
		if (notes->first[id] > 1)
			TAP_REPORT("trial %u: message %u came twice", trial, id);
		if (notes->again[id] > consumers_killed)
			TAP_REPORT("trial %u: message %u came again without a death",
				   trial, id);
	}
}

static void run_trial(uint64_t *state, bool kill_producers, bool kill_consumers)
{
	bool victim[CHILDREN];
	pid_t pids[CHILDREN];
	uint32_t killed = 0;
	int i, status;

	memset(notes, 0, sizeof(*notes));
	batch = 1 + (uint32_t)(rnd(state) % 4);
	for (i = 0; i < CHILDREN; i++) {
		bool may = i < PRODUCERS ? kill_producers : kill_consumers;

		/* one of each side lives on */
		victim[i] = may && i != 0 && i != PRODUCERS && rnd(state) % 4;
		pids[i] = child(i < PRODUCERS);
	}
	usleep((useconds_t)(rnd(state) % 3000));
	for (i = 0; i < CHILDREN; i++) {
		if (!victim[i])
			continue;
		kill(pids[i], SIGKILL);
		killed += i >= PRODUCERS;
		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT(WIFSIGNALED(status));
	}
	expect_progress();
	__atomic_store_n(&notes->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < CHILDREN; i++) {
		if (victim[i])
			continue;
		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
	drain();
	check_notes(killed);
}

static void run_trials(bool kill_producers, bool kill_consumers)
{
	unsigned long trials = from_env("MRING_KILLS", SANITIZED ? 10 : 60);
	uint64_t state = from_env("MRING_SEED", 2026);

	pattern_init();
	mem = mring_new(SLOTS, MAX_LEN, 0);
	notes = shared_mem((sizeof(*notes) + 63) / 64 * 64, true);
	for (trial = 1; trial <= trials && !tap_failures; trial++)
		run_trial(&state, kill_producers, kill_consumers);
}

static void test_producers(void)
{
	run_trials(true, false);
}

static void test_consumers(void)
{
	run_trials(false, true);
}

static void test_both(void)
{
	run_trials(true, true);
}

static const struct tap_test tests[] = {
	{ "kill -9 of producers", test_producers },
	{ "kill -9 of consumers", test_consumers },
	{ "kill -9 of both", test_both },
};

int main(int argc, char **argv)
{
	/* a second for each trial is more than ten times what it takes */
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests),
			120 + 3 * (unsigned int)from_env("MRING_KILLS", 0));
}
