// SPDX-License-Identifier: GPL-2.0
/* Ears: eventfds that a doorbell signals, and the word that poll() looks at. */

#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "account.h"
#include "buffer.h"
#include "doorbell.h"
#include "ear.h"
#include "ipcchan.h"

/* An eventfd that is signalled when @ear hears something; owned by its endpoint. */
struct ipcchan_ear_fd {
	struct list_head node;
	struct eventfd_ctx *ctx;
	struct ipcchan_ear ear;
};

static const struct ipcchan_cost ipcchan_ear_cost = {
	.of[IPCCHAN_ITEM_EARS] = 1,
};

/*
 * Whoever rings, or adds an ear, goes past all of the bell, on newer kernels with
 * interrupts off throughout; to ring takes 37 instructions for one of another word, 109
 * for one of this (selftests/vm/measure-buffer.c).  There are at most as many as the quotas
 * leave to those who may open the channel, 1,024 a user.  And past those who wait for the
 * eventfd, once, as whoever writes to it.
 */
static int ipcchan_ear_signal(struct wait_queue_entry *entry, unsigned int mode,
			      int flags, void *arg)
{
	struct ipcchan_ear_fd *f = container_of(entry, struct ipcchan_ear_fd, ear.entry);
	const struct ipcchan_bell_key *key = arg;

	if (f->ear.offset == key->offset)
		ipcchan_eventfd_signal(f->ctx);
	return 0;
}

static bool ipcchan_ears_rung_locked(const struct ipcchan_ears *ears)
{
	lockdep_assert_held(&ears->poll.lock);
	return ears->word && READ_ONCE(*ears->word) != ears->expected;
}

/*
 * Those on this head take the key for a poll mask, not for a word.  They are given none,
 * and look for themselves: io_uring hears nothing of EPOLLPRI alone.  All of them, for
 * whom an exclusive waiter wants is not known.
 */
static void ipcchan_ears_notify(struct ipcchan_ears *ears)
{
	unsigned long flags;

	spin_lock_irqsave(&ears->poll.lock, flags);
	if (ipcchan_ears_rung_locked(ears))
		wake_up_all_locked(&ears->poll);
	spin_unlock_irqrestore(&ears->poll.lock, flags);
}

static int ipcchan_ear_poll(struct wait_queue_entry *entry, unsigned int mode,
			    int flags, void *arg)
{
	struct ipcchan_ears *ears = container_of(entry, struct ipcchan_ears, watch.entry);
	const struct ipcchan_bell_key *key = arg;

	if (ears->watch.offset == key->offset)
		ipcchan_ears_notify(ears);
	return 0;
}

/* Does this eventfd hear of the word, through whatever endpoint? */
static bool ipcchan_ear_heard_locked(wait_queue_head_t *bell, const struct ipcchan_ear *ear,
				     const struct eventfd_ctx *ctx)
{
	const struct ipcchan_ear_fd *f;
	wait_queue_entry_t *entry;

	lockdep_assert_held(&bell->lock);
	list_for_each_entry(entry, &bell->head, entry) {
		if (entry->func != ipcchan_ear_signal)
			continue;
		f = container_of(entry, struct ipcchan_ear_fd, ear.entry);
		if (f->ctx == ctx && f->ear.offset == ear->offset)
			return true;
	}
	return false;
}

/*
 * It hears of this word from now on: before whoever has asked for it, here or in user
 * space, looks at the word.  With @ctx unless that eventfd does already: whoever waits for
 * it would be gone past as often as the user has ears.
 */
static bool ipcchan_ear_join(struct ipcchan_ear *ear, struct ipcchan_buf *buf, u64 offset,
			     const struct eventfd_ctx *ctx)
{
	wait_queue_head_t *bell = ipcchan_doorbell_of(buf, offset);
	bool heard;

	ear->offset = offset;
	spin_lock_irq(&bell->lock);
	heard = ctx && ipcchan_ear_heard_locked(bell, ear, ctx);
	if (!heard)
		__add_wait_queue(bell, &ear->entry);
	spin_unlock_irq(&bell->lock);
	if (heard)
		return false;
	ear->bell = bell;
	/* Pairs with the barrier of ipcchan_doorbell_wake(). */
	smp_mb();
	return true;
}

static int ipcchan_ear_add(struct ipcchan_ear *ear, struct ipcchan_buf *buf, u64 offset,
			   wait_queue_func_t hear, const struct eventfd_ctx *ctx)
{
	struct ipcchan_account *account = ipcchan_account_charge(&ipcchan_ear_cost);

	if (IS_ERR(account))
		return PTR_ERR(account);
	ear->account = account;
	init_waitqueue_func_entry(&ear->entry, hear);
	if (ipcchan_ear_join(ear, buf, offset, ctx))
		return 0;
	ipcchan_account_uncharge(account, &ipcchan_ear_cost);
	return -EBUSY;
}

/* Whoever is ringing has done with it on return. */
static void ipcchan_ear_del(struct ipcchan_ear *ear)
{
	if (!ear->bell)
		return;
	remove_wait_queue(ear->bell, &ear->entry);
	ear->bell = NULL;
	ipcchan_account_uncharge(ear->account, &ipcchan_ear_cost);
}

static void ipcchan_ear_fd_free(struct ipcchan_ear_fd *f)
{
	ipcchan_ear_del(&f->ear);
	eventfd_ctx_put(f->ctx);
	kfree(f);
}

static struct ipcchan_ear_fd *ipcchan_ears_find(struct ipcchan_ears *ears, u64 offset,
						struct eventfd_ctx *ctx)
{
	struct ipcchan_ear_fd *f;

	list_for_each_entry(f, &ears->fds, node) {
		if (f->ctx == ctx && f->ear.offset == offset)
			return f;
	}
	return NULL;
}

/**
 * ipcchan_ears_init() - hear nothing yet
 * @ears: zeroed
 * Context: any.
 */
void ipcchan_ears_init(struct ipcchan_ears *ears)
{
	INIT_LIST_HEAD(&ears->fds);
	init_waitqueue_head(&ears->poll);
}

/**
 * ipcchan_ears_clear() - hear nothing any more
 * @ears: of an endpoint that nobody uses, whose buffer is still there
 * Context: process, may sleep.
 */
void ipcchan_ears_clear(struct ipcchan_ears *ears)
{
	struct ipcchan_ear_fd *f, *next;

	list_for_each_entry_safe(f, next, &ears->fds, node)
		ipcchan_ear_fd_free(f);
	ipcchan_ear_del(&ears->watch);
}

/**
 * ipcchan_ears_add_fd() - let a doorbell signal an eventfd
 * @ears: of an endpoint, whose lock is held
 * @buf: of its channel
 * @offset: of the word, bytes
 * @fd: descriptor of the eventfd
 * Context: process, may sleep.
 * Return: 0; as struct ipcchan_bell_fd says.
 */
int ipcchan_ears_add_fd(struct ipcchan_ears *ears, struct ipcchan_buf *buf, u64 offset,
			int fd)
{
	struct ipcchan_ear_fd *f;
	struct eventfd_ctx *ctx;
	int err = -ENOMEM;

	if (!ipcchan_buf_word(buf, offset))
		return -EINVAL;
	ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	if (ipcchan_ears_find(ears, offset, ctx)) {
		err = -EEXIST;
		goto err_put;
	}
	if (ears->nr_fds == IPCCHAN_BELL_FDS_MAX) {
		err = -ENOSPC;
		goto err_put;
	}
	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		goto err_put;
	f->ctx = ctx;
	err = ipcchan_ear_add(&f->ear, buf, offset, ipcchan_ear_signal, ctx);
	if (err)
		goto err_free;
	list_add_tail(&f->node, &ears->fds);
	ears->nr_fds++;
	return 0;

err_free:
	kfree(f);
err_put:
	eventfd_ctx_put(ctx);
	return err;
}

/**
 * ipcchan_ears_del_fd() - undo ipcchan_ears_add_fd()
 * @ears: of an endpoint, whose lock is held
 * @offset: as it was given
 * @fd: any descriptor of the same eventfd
 * Context: process, may sleep.
 * Return: 0; -ENOENT, -EBADF, -EINVAL (not an eventfd).
 */
int ipcchan_ears_del_fd(struct ipcchan_ears *ears, u64 offset, int fd)
{
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);
	struct ipcchan_ear_fd *f;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	f = ipcchan_ears_find(ears, offset, ctx);
	eventfd_ctx_put(ctx);
	if (!f)
		return -ENOENT;
	list_del(&f->node);
	ears->nr_fds--;
	ipcchan_ear_fd_free(f);
	return 0;
}

static void ipcchan_ears_set(struct ipcchan_ears *ears, const u32 *word, u32 expected)
{
	spin_lock_irq(&ears->poll.lock);
	ears->word = word;
	ears->expected = expected;
	spin_unlock_irq(&ears->poll.lock);
}

/**
 * ipcchan_ears_watch() - choose the word that poll() looks at
 * @ears: of an endpoint, whose lock is held
 * @buf: of its channel
 * @offset: of the word, bytes
 * @expected: EPOLLPRI while the word differs from it
 *
 * The ear is there before the word is looked at: who changes the word and then rings
 * is either seen in the word or heard.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -EDQUOT, -ENOMEM.
 */
int ipcchan_ears_watch(struct ipcchan_ears *ears, struct ipcchan_buf *buf, u64 offset,
		       u32 expected)
{
	const u32 *word = ipcchan_buf_word(buf, offset);
	struct ipcchan_ear *watch = &ears->watch;
	int err;

	if (!word)
		return -EINVAL;
	if (!watch->bell) {
		err = ipcchan_ear_add(watch, buf, offset, ipcchan_ear_poll, NULL);
		if (err)
			return err;
	} else if (watch->offset != offset) {
		remove_wait_queue(watch->bell, &watch->entry);
		ipcchan_ear_join(watch, buf, offset, NULL);
	}
	ipcchan_ears_set(ears, word, expected);
	ipcchan_ears_notify(ears);
	return 0;
}

/**
 * ipcchan_ears_unwatch() - undo ipcchan_ears_watch()
 * @ears: of an endpoint, whose lock is held
 * Context: process, may sleep.
 */
void ipcchan_ears_unwatch(struct ipcchan_ears *ears)
{
	ipcchan_ears_set(ears, NULL, 0);
	ipcchan_ear_del(&ears->watch);
}

/**
 * ipcchan_ears_rung() - does the watched word differ?
 * @ears: of an endpoint
 *
 * Asked by poll(), which has put itself on @ears->poll before: that head's lock
 * orders the look at the word behind it, against one who rings.
 *
 * Context: process.
 * Return: true for EPOLLPRI.
 */
bool ipcchan_ears_rung(struct ipcchan_ears *ears)
{
	bool rung;

	spin_lock_irq(&ears->poll.lock);
	rung = ipcchan_ears_rung_locked(ears);
	spin_unlock_irq(&ears->poll.lock);
	return rung;
}
