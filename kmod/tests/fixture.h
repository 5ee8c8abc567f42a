/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_TEST_FIXTURE_H
#define _IPCCHAN_TEST_FIXTURE_H

#include <kunit/test.h>
#include <linux/wait.h>

#include "mem.h"
#include "ident.h"
#include "message.h"
#include "queue_fast.h"
#include "sleeper.h"
#include "waiter.h"

#define IPCCHAN_TEST_SLEEPERS	4
#define IPCCHAN_TEST_WAITERS	4

/* What sleeps in poll(): it only counts how often it was woken, and for what. */
struct ipcchan_test_poller {
	struct wait_queue_entry entry;
	unsigned int wakes;
	u32 key;
};

/**
 * struct ipcchan_test - what each test has, as its test->priv
 * @q: a queue, after ipcchan_test_queue()
 * @has_queue: whether it is to be destroyed
 * @in: polls @q for messages
 * @out: polls @q for room
 * @w: the test's own task, waiting in @q without sleeping
 * @sender: of an endpoint, after ipcchan_test_endpoint()
 * @has_sender: whether it is to be destroyed
 * @sleepers: threads, ended with the test
 */
struct ipcchan_test {
	struct ipcchan_queue q;
	bool has_queue;
	struct ipcchan_test_poller in;
	struct ipcchan_test_poller out;
	struct ipcchan_waiter w[IPCCHAN_TEST_WAITERS];
	struct ipcchan_sender sender;
	bool has_sender;
	struct ipcchan_sleeper sleepers[IPCCHAN_TEST_SLEEPERS];
};

/* What most receivers want. */
extern const struct ipcchan_match ipcchan_test_any;

int ipcchan_test_begin(struct kunit *test);
void ipcchan_test_end(struct kunit *test);
struct ipcchan_queue *ipcchan_test_queue(struct kunit *test, u32 max_nr,
					 u32 max_len, u64 max_bytes);

struct ipcchan_sender *ipcchan_test_endpoint(struct kunit *test);
struct ipcchan_msg *ipcchan_test_msg(struct kunit *test, size_t len);
int ipcchan_test_send(struct ipcchan_queue *q, struct ipcchan_msg *msg);
struct ipcchan_msg *ipcchan_test_sent(struct kunit *test, size_t len);
struct ipcchan_msg *ipcchan_test_take(struct ipcchan_queue *q, size_t room,
				      struct ipcchan_msg *used);
int ipcchan_test_recv_err(struct ipcchan_queue *q, size_t room);
void ipcchan_test_recv(struct kunit *test, struct ipcchan_msg *expected);
struct ipcchan_stats ipcchan_test_stats(struct ipcchan_queue *q);
u32 ipcchan_test_poll(struct ipcchan_queue *q);

struct ipcchan_waiter *ipcchan_test_receiver(struct kunit *test,
					     unsigned int i, size_t room);
struct ipcchan_waiter *ipcchan_test_sender(struct kunit *test, unsigned int i,
					   struct ipcchan_msg *msg);
unsigned int ipcchan_test_waiting(struct ipcchan_queue *q,
				  struct list_head *waiters);

#endif /* _IPCCHAN_TEST_FIXTURE_H */
