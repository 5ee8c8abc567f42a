/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_TEST_SLEEPER_H
#define _IPCCHAN_TEST_SLEEPER_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/wait.h>

#include "message.h"

struct ipcchan_arena;
struct ipcchan_buf;
struct ipcchan_queue;
struct ipcchan_server;

/**
 * struct ipcchan_sleeper - a call that may sleep, in a kernel thread
 * @run: the call; its outcome is the result of the task
 * @task: the thread, which SIGUSR1 and SIGKILL get through to
 * @done: the call has returned
 * @result: of the call
 * @q: queue to use
 * @msg: message to send; used slot, then message received
 * @server: server to use
 * @buf: buffer to use
 * @offset: of the word to sleep on; bytes of the block to wait for
 * @timeout_ns: likewise
 * @arena: arena to use
 * @uid: likewise, who uses it
 * @place: likewise, the block
 */
struct ipcchan_sleeper {
	int (*run)(struct ipcchan_sleeper *s);
	struct task_struct *task;
	struct completion done;
	int result;
	struct ipcchan_queue *q;
	struct ipcchan_msg *msg;
	struct ipcchan_server *server;
	struct ipcchan_buf *buf;
	u64 offset;
	s64 timeout_ns;
	struct ipcchan_arena *arena;
	kuid_t uid;
	struct ipcchan_place place;
};

/* Tasks woken by one that says that it is about to sleep. */
extern atomic_t ipcchan_test_sync_wakes;

int __real_default_wake_function(struct wait_queue_entry *entry, unsigned int mode,
				 int flags, void *key);
int __wrap_default_wake_function(struct wait_queue_entry *entry, unsigned int mode,
				 int flags, void *key);

int ipcchan_sleeper_recv(struct ipcchan_sleeper *s);
int ipcchan_sleeper_send(struct ipcchan_sleeper *s);
void ipcchan_sleeper_start(struct kunit *test, struct ipcchan_sleeper *s);
bool ipcchan_sleeper_asleep(struct ipcchan_sleeper *s);
void ipcchan_sleeper_disturb(struct kunit *test, struct ipcchan_sleeper *s);
void ipcchan_sleeper_signal(struct ipcchan_sleeper *s, int sig);
int ipcchan_sleeper_join(struct kunit *test, struct ipcchan_sleeper *s);
bool ipcchan_sleeper_end(struct kunit *test, struct ipcchan_sleeper *s);

#define IPCCHAN_TEST_TIMEOUT	(10 * HZ)

/* Wait for what another thread is about to do; it fails if it never does. */
#define ipcchan_test_until(test, condition)				\
	do {								\
		unsigned long until = jiffies + IPCCHAN_TEST_TIMEOUT;	\
									\
		while (!(condition)) {					\
			KUNIT_ASSERT_TRUE(test,				\
					  time_before(jiffies, until));	\
			usleep_range(50, 100);				\
		}							\
	} while (0)

#endif /* _IPCCHAN_TEST_SLEEPER_H */
