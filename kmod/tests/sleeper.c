// SPDX-License-Identifier: GPL-2.0
/* Threads that call what may sleep. */

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "fixture.h"

atomic_t ipcchan_test_sync_wakes;

/* How ipcchan_task_wake_sync() wakes (Kbuild). */
int __wrap_default_wake_function(struct wait_queue_entry *entry, unsigned int mode,
				 int flags, void *key)
{
	if (flags & IPCCHAN_WF_SYNC)
		atomic_inc(&ipcchan_test_sync_wakes);
	return __real_default_wake_function(entry, mode, flags, key);
}

/**
 * ipcchan_sleeper_recv() - to be run in a thread: receive, and wait for it
 * @s: its @msg is the used slot, then what was received
 * Context: process, sleeps.
 * Return: 0; negative errno.
 */
int ipcchan_sleeper_recv(struct ipcchan_sleeper *s)
{
	struct ipcchan_msg *msg = ipcchan_queue_recv(s->q, SIZE_MAX, ipcchan_test_any,
						     IPCCHAN_FOREVER, s->msg);

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	s->msg = msg;
	return 0;
}

/**
 * ipcchan_sleeper_send() - to be run in a thread: send, and wait for room
 * @s: its @msg is the queue's on success
 * Context: process, sleeps.
 * Return: 0; negative errno.
 */
int ipcchan_sleeper_send(struct ipcchan_sleeper *s)
{
	struct ipcchan_msg *spare = ipcchan_queue_send(s->q, s->msg, IPCCHAN_FOREVER);

	if (IS_ERR(spare))
		return PTR_ERR(spare);
	ipcchan_msg_free(spare);
	return 0;
}

static int ipcchan_sleeper_thread(void *arg)
{
	struct ipcchan_sleeper *s = arg;

	allow_signal(SIGUSR1);
	allow_signal(SIGKILL);
	s->result = s->run(s);
	complete(&s->done);
	return 0;
}

/**
 * ipcchan_sleeper_start() - start a thread
 * @test: given up if that fails; ends the thread if it does not join it
 * @s: one of @test's, its @run and what that needs are filled in
 * Context: process, may sleep.
 */
void ipcchan_sleeper_start(struct kunit *test, struct ipcchan_sleeper *s)
{
	struct task_struct *task;

	init_completion(&s->done);
	task = kthread_create(ipcchan_sleeper_thread, s, "ipcchan_test");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	s->task = get_task_struct(task);
	wake_up_process(task);
}

/**
 * ipcchan_sleeper_asleep() - is a thread about to sleep, or asleep?
 * @s: started
 * Context: any.
 * Return: whether a wake-up would find it so.
 */
bool ipcchan_sleeper_asleep(struct ipcchan_sleeper *s)
{
	return READ_ONCE(s->task->__state) == TASK_INTERRUPTIBLE;
}

/* How often a thread has gone to sleep. */
static unsigned long ipcchan_sleeper_sleeps(struct ipcchan_sleeper *s)
{
	/* The scheduler counts for the thread itself; any new value will do. */
	return data_race(READ_ONCE(s->task->nvcsw));
}

/**
 * ipcchan_sleeper_disturb() - wake a sleeper for nothing
 * @test: given up if it neither sleeps again nor returns
 * @s: asleep
 * Context: process, sleeps.
 */
void ipcchan_sleeper_disturb(struct kunit *test, struct ipcchan_sleeper *s)
{
	unsigned long before = ipcchan_sleeper_sleeps(s);

	wake_up_process(s->task);
	ipcchan_test_until(test, ipcchan_sleeper_sleeps(s) != before ||
			   completion_done(&s->done));
}

/**
 * ipcchan_sleeper_signal() - send a thread a signal
 * @s: started
 * @sig: SIGUSR1 or SIGKILL
 * Context: any.
 */
void ipcchan_sleeper_signal(struct ipcchan_sleeper *s, int sig)
{
	send_sig(sig, s->task, 1);
}

/**
 * ipcchan_sleeper_join() - wait until a thread has ended
 * @test: given up if it does not
 * @s: started
 * Context: process, sleeps.
 * Return: the result of what it ran.
 */
int ipcchan_sleeper_join(struct kunit *test, struct ipcchan_sleeper *s)
{
	KUNIT_ASSERT_NE(test,
			wait_for_completion_timeout(&s->done,
						    IPCCHAN_TEST_TIMEOUT), 0);
	kthread_stop(s->task);
	put_task_struct(s->task);
	s->task = NULL;
	return s->result;
}

/**
 * ipcchan_sleeper_end() - end a thread by force
 * @test: fails if that does not work
 * @s: started, or not
 *
 * A thread that cannot be ended keeps the module.
 *
 * Context: process, sleeps.
 * Return: whether what it uses may go.
 */
bool ipcchan_sleeper_end(struct kunit *test, struct ipcchan_sleeper *s)
{
	if (!s->task)
		return true;
	ipcchan_sleeper_signal(s, SIGKILL);
	if (!wait_for_completion_timeout(&s->done, IPCCHAN_TEST_TIMEOUT)) {
		KUNIT_FAIL(test, "a thread is stuck");
		__module_get(THIS_MODULE);
		return false;
	}
	kthread_stop(s->task);
	put_task_struct(s->task);
	s->task = NULL;
	return true;
}
