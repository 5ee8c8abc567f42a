/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ipcchan: message channels and shared buffers over one object.
 *
 * Reading order: message, waiter, queue (queue_locked, queue_fast, queue_room), channel,
 * registry (registry_ep), endpoint, transfer, device: a message from one process to another.
 * Then what a queue may have: levels, share; the other kinds: broadcast and sub, rpc and
 * server; messages with headers: ident, fds, hdr, batch, xfer, call, ioctl, uring; what is
 * not copied twice: buffer, arena, held, loan, pool, revoke; what changes later: queue_limits,
 * broadcast_set, channel_change; and account, doorbell, ear, lock, main.  What others see:
 * times, show and its kin, fdinfo, registries, debugfs.  Generic netlink: viewer (who sees
 * what), netlink (what each command takes), nl_chan, nl_set, nl_dump with nl_ep, nl_buf and
 * nl_quota, nl_event, fullness.  Each .h holds one object and says who owns it.
 *
 *	struct file ---> ipcchan_ep ---> ipcchan_chan ---> ipcchan_queue ---> msgs
 *	(device)         (endpoint)       (channel)   \       (queue)     (message)
 *	                                      ^        `-> ipcchan_buf ---> pages
 *	            ipcchan_registry ---------'            (buffer, doorbell)
 *	            (one a network namespace)              ipcchan_arena ---> blocks
 *
 * Ownership.  A channel lives while it has a name or an attached endpoint, both
 * recorded under the registry's lock; there is no other reference to it.  An endpoint
 * lives as long as its struct file, which every system call on it and every mapping of
 * it holds; others find it in the registry, under whose lock it leaves.  What a task
 * sleeps on is in an object that its own file pins.  A waker, whose own file pins the
 * channel, takes a reference to the task that it will wake before it gives up the
 * lock, and touches nothing else of it afterwards.  The work item of a channel
 * (ipcchan_fullness) has come to its end before its last endpoint has left.
 *
 * A block of an arena belongs to a message: one that an endpoint holds (ipcchan_held), one
 * that is queued, or one that somebody is about to send or to receive.  So it is given
 * back where a message is freed, whoever dies.
 *
 * The module cannot go while a file is open; a channel that has messages but no
 * endpoint holds a reference to the module of its own
 * (ipcchan_registry_detach()).
 *
 * Locks, outermost first:
 *
 *	ipcchan_ep.lock		mutex: an endpoint is attached once; its ears
 *	ipcchan_registries_lock	mutex: which registries there are
 *	ipcchan_registry.lock	mutex: names, ids, lives of channels, endpoints, what can be
 *				changed of a channel; a dump holds it for a buffer full, and
 *				an event is sent under it where the order of lives matters
 *	ipcchan_broadcast.lock	mutex: one message at a time goes to the subscribers, for
 *				which memory may have to be found: never with
 *				ipcchan_registry.lock held
 *	ipcchan_broadcast.subs_lock
 *				mutex: subscribers
 *	ipcchan_revoke.lock	rwsem, under mmap_lock or alone: who may write a block
 *	ipcchan_queue.lock	spinlock: messages, waiters, counters; for pointer
 *				moves, nothing is allocated or copied under it
 *	ipcchan_depot_lock	spinlock: free slots of all; never together with
 *				ipcchan_queue.lock
 *	ipcchan_sender.lock	spinlock: who an endpoint's messages come from; never
 *				together with ipcchan_queue.lock
 *	ipcchan_held.lock	spinlock: blocks that an endpoint has; innermost
 *	ipcchan_arena.room.lock	spinlock: which pages are given out, to whom, and who waits
 *				for some, who is woken under it
 *	ipcchan_account_lock	spinlock: what each user has; innermost
 *	ipcchan_chan.fullness.lock
 *				spinlock: what is to be told of it; innermost but for those
 *				of work items
 *	wait queue heads	taken by the kernel's wait and wake functions, never
 *				with ipcchan_queue.lock held; with that of a bell
 *				(ipcchan_buf.bells) held those of ears: of an eventfd,
 *				or ipcchan_ears.poll
 */
#ifndef _IPCCHAN_H
#define _IPCCHAN_H

#include <linux/gfp.h>
#include <linux/types.h>
#include <linux/ipcchan.h>

#include "compat.h"
#include "uring.h"

#define IPCCHAN_DEFAULT_MSGS		1024U
#define IPCCHAN_DEFAULT_MSG_SIZE	0x10000U
#define IPCCHAN_DEFAULT_BYTES		0x100000ULL

#define IPCCHAN_LIMIT_MSGS		0x100000U
#define IPCCHAN_LIMIT_MSG_SIZE		0x1000000U
#define IPCCHAN_LIMIT_BYTES		0x10000000ULL
#define IPCCHAN_LIMIT_BUF_SIZE		0x10000000ULL

/*
 * For what is as large, or as many, as user space likes: out of memory, or at the limit of a
 * memory cgroup, the call fails.  It does not get tasks killed, nor fill the log.
 */
#define IPCCHAN_GFP_LARGE \
	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Pages of a shared buffer: user space's, so of the nodes that its cpuset allows. */
#define IPCCHAN_GFP_BUF	((IPCCHAN_GFP_LARGE | __GFP_HARDWALL) & ~IPCCHAN_GFP_UNMAPPABLE)

#define IPCCHAN_FEATURES \
	(IPCCHAN_FEAT_QUEUE | IPCCHAN_FEAT_BUFFER | IPCCHAN_FEAT_DOORBELL | \
	 IPCCHAN_FEAT_BROADCAST | IPCCHAN_FEAT_RPC | IPCCHAN_FEAT_BATCH | \
	 IPCCHAN_FEAT_FILTER | IPCCHAN_FEAT_FDS | IPCCHAN_URING_FEATURES | \
	 IPCCHAN_FEAT_LOANS | IPCCHAN_FEAT_POOL | \
	 (IPCCHAN_GFP_BUF & __GFP_ACCOUNT ? IPCCHAN_FEAT_BUFFER_CHARGED : 0))

#endif /* _IPCCHAN_H */
