// SPDX-License-Identifier: GPL-2.0
/*
 * kill -9 of one side of either ring at random points, while the other runs.  What the
 * producer committed arrives, whole and in order; a new process attaches and goes on; a
 * peer that slept meanwhile is woken.
 *
 * RING_KILLS=n in the environment is the number of kills of each test, RING_SEED=n where
 * its random numbers start.
 */
#include <signal.h>
#include <sys/wait.h>

#include "slots-util.h"

#define KILLS		from_env("RING_KILLS", 200)
/* a kill takes some milliseconds */
#define SECONDS		(60 + (unsigned int)(KILLS / 5))
#define END		UINT64_MAX
#define MAX_LEN		(sizeof(struct head) + 200)
#define START		(-64ULL)	/* positions go over 2^64 soon */

/* what the processes tell each other outside of the ring */
struct notes {
	uint64_t committed;	/* by the running producer, written after the commit */
	uint64_t taken;		/* by the consumers, written before the release */
};

struct head {
	uint64_t generation;	/* of the process that sent it; END ends the run */
	uint64_t seq;		/* within the generation */
	uint64_t before;	/* committed by the generation before it */
};

static bool use_slots;
static struct ipcchan_ring_shared *ring_mem;
static struct ipcchan_slots_shared *slots_mem;
static struct notes *notes;

/* this process's side, by what is used */
static struct ipcchan_ring ring;
static struct ipcchan_slots slots;

static int attach(enum ipcchan_ring_side side)
{
	return use_slots ? slots_attach(&slots, slots_mem, side) :
			   ring_attach(&ring, ring_mem, side);
}

static int reserve(size_t len, void **room)
{
	return use_slots ? ipcchan_slots_reserve(&slots, len, room) :
			   ipcchan_ring_reserve(&ring, len, room);
}

static int commit(void)
{
	return use_slots ? ipcchan_slots_commit(&slots) : ipcchan_ring_commit(&ring);
}

static ssize_t peek(const void **msg)
{
	return use_slots ? ipcchan_slots_peek(&slots, msg) : ipcchan_ring_peek(&ring, msg);
}

static int release(void)
{
	return use_slots ? ipcchan_slots_release(&slots) : ipcchan_ring_release(&ring);
}

static int wait_for(size_t len)
{
	return use_slots ? ipcchan_slots_wait(&slots, 20 * SEC) :
			   ipcchan_ring_wait(&ring, len, 20 * SEC);
}

/* the producer's position; it does not run */
static uint64_t published(void)
{
	uint64_t pos;

	if (!use_slots)
		return ring_mem->tail;
	pos = __atomic_load_n(&slots_mem->head, __ATOMIC_ACQUIRE);
	while ((uint32_t)*slots_word(slots_mem, pos) == (uint32_t)(pos + 1))
		pos++;
	return pos;
}

static size_t length_of(uint64_t seq)
{
	return sizeof(struct head) + msg_len(seq, MAX_LEN - sizeof(struct head));
}

/* Send for ever, or with generation END once. */
static void produce(uint64_t generation, uint64_t before)
{
	struct head head = { generation, 0, before };
	void *room;
	int ret;

	ret = attach(IPCCHAN_RING_PRODUCER);
	while (!ret) {
		size_t len = length_of(head.seq);

		ret = reserve(len, &room);
		if (ret == -EAGAIN) {
			ret = wait_for(len);
			continue;
		}
		if (ret)
			break;
		memcpy(room, &head, sizeof(head));
		memcpy((char *)room + sizeof(head), pattern(head.seq),
		       len - sizeof(head));
		ret = commit();
		head.seq++;
		__atomic_store_n(&notes->committed, head.seq, __ATOMIC_RELEASE);
		if (generation == END)
			return;
	}
	TAP_REPORT("producer: %s", strerror(-ret));
}

/* Check one message against the one before it. */
static void check(const struct head *head, const void *msg, size_t len,
		  const struct head *last)
{
	EXPECT_EQ(len, length_of(head->seq));
	EXPECT(!memcmp((const char *)msg + sizeof(*head), pattern(head->seq),
		       len - sizeof(*head)));
	if (head->generation == last->generation) {
		EXPECT_EQ(head->seq, last->seq + 1);
		return;
	}
	/* the one that was killed had committed what it noted, or one more */
	EXPECT(head->generation > last->generation);
	EXPECT_EQ(head->seq, 0);
	EXPECT(last->seq + 1 - head->before <= 1);
}

/* Wait for a message, as long as that takes.  Return: its length, or an error. */
static ssize_t await(const void **msg, struct head *head)
{
	ssize_t len;
	int ret;

	while ((len = peek(msg)) == -EAGAIN) {
		ret = wait_for(0);
		if (ret)
			return ret;
	}
	if (len < (ssize_t)sizeof(*head))
		return len < 0 ? len : -EIO;
	memcpy(head, *msg, sizeof(*head));
	return len;
}

static void consume(void)
{
	struct head head = { 0, 0, 0 }, last = { 0, -1ULL, 0 };
	const void *msg = NULL;
	uint64_t state = 99;
	ssize_t len;
	int ret = 0;

	EXPECT_EQ(attach(IPCCHAN_RING_CONSUMER), 0);
	while (head.generation != END && !tap_failures && !ret) {
		len = await(&msg, &head);
		if (len < 0) {
			ret = (int)len;
			break;
		}
		check(&head, msg, (size_t)len, &last);
		last = head;
		ret = release();
		/* slow at times, so that the producer dies asleep too */
		if (rnd(&state) % 4096 == 0)
			usleep(2000);
	}
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(head.generation, END);
}

static pid_t child(void (*run)(void))
{
	pid_t pid = tap_fork(SECONDS);

	if (!pid) {
		run();
		tap_child_exit();
	}
	return pid;
}

static uint64_t generation, before;

static void run_producer(void)
{
	produce(generation, before);
}

static void random_sleep(uint64_t *state)
{
	/* mostly while it runs, at times before it has attached */
	usleep((useconds_t)(rnd(state) % 4000));
}

/* Return: the signal that ended @pid, 0 when it had found a fault by itself */
static int kill_and_wait(pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_kill_producer(void)
{
	uint64_t state = from_env("RING_SEED", 2024);
	pid_t cons;
	int status = 0;

	cons = child(consume);
	before = 0;
	for (generation = 0; generation < KILLS && !tap_failures; generation++) {
		uint64_t tail = published();
		pid_t prod;

		notes->committed = 0;
		prod = child(run_producer);
		random_sleep(&state);
		EXPECT_EQ(kill_and_wait(prod), SIGKILL);
		/* one that sent nothing is not seen by the consumer */
		if (published() != tail)
			before = notes->committed;
	}
	generation = END;
	EXPECT_EQ(waitpid(child(run_producer), &status, 0) > 0 ? status : -1, 0);
	EXPECT_EQ(waitpid(cons, &status, 0), cons);
	EXPECT_EQ(status, 0);
}

/* Receive for ever; a message may come again when its receiver died. */
static void forgetful_consumer(void)
{
	const void *msg = NULL;
	struct head head;
	ssize_t len;
	int ret;

	ret = attach(IPCCHAN_RING_CONSUMER);
	while (!ret) {
		len = await(&msg, &head);
		if (len < 0) {
			ret = (int)len;
			break;
		}
		EXPECT_EQ(len, length_of(head.seq));
		/* the one before died before its release, or behind it */
		EXPECT(notes->taken - head.seq <= 1);
		notes->taken = head.seq + 1;
		ret = release();
		if (tap_failures)
			return;
	}
	TAP_REPORT("consumer: %s", strerror(-ret));
}

static void test_kill_consumer(void)
{
	uint64_t state = from_env("RING_SEED", 2025);
	pid_t prod;
	uint64_t i;

	notes->taken = 0;
	generation = 0;
	prod = child(run_producer);
	for (i = 0; i < KILLS && !tap_failures; i++) {
		pid_t cons = child(forgetful_consumer);

		random_sleep(&state);
		EXPECT_EQ(kill_and_wait(cons), SIGKILL);
	}
	EXPECT(notes->taken > KILLS);
	EXPECT_EQ(kill_and_wait(prod), SIGKILL);
}

static void setup_and(bool with_slots, void (*test)(void))
{
	use_slots = with_slots;
	pattern_init();
	if (with_slots)
		slots_mem = slots_new(16, MAX_LEN, 0, START);
	else
		ring_mem = ring_new(4096, 0, START);
	notes = shared_mem(4096, true);
	test();
}

static void test_ring_producer(void)
{
	setup_and(false, test_kill_producer);
}

static void test_ring_consumer(void)
{
	setup_and(false, test_kill_consumer);
}

static void test_slots_producer(void)
{
	setup_and(true, test_kill_producer);
}

static void test_slots_consumer(void)
{
	setup_and(true, test_kill_consumer);
}

static const struct tap_test tests[] = {
	{ "byte ring: kill -9 of the producer", test_ring_producer },
	{ "byte ring: kill -9 of the consumer", test_ring_consumer },
	{ "slots: kill -9 of the producer", test_slots_producer },
	{ "slots: kill -9 of the consumer", test_slots_consumer },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), ARRAY_SIZE(tests) * SECONDS);
}
