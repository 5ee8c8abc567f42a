/* SPDX-License-Identifier: MIT */
/*
 * libipcchan: channels, shared buffers and doorbells.
 *
 * Every function that can fail returns a negative errno value; errno itself is
 * left as it was.  Lengths and sizes are bytes, times are nanoseconds.
 *
 * Every function may be called by several threads at once, on one struct ipcchan
 * too, but for ipcchan_close().  It may be used on both sides of a fork().
 *
 * The rings over shared memory are in <ipcchan/ring.h>, <ipcchan/mring.h> (several
 * producers and consumers) and <ipcchan/bring.h> (broadcast).
 */
#ifndef IPCCHAN_H
#define IPCCHAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <linux/ipcchan.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct ipcchan;

/**
 * struct ipcchan_opts - how to open a channel; all zero means: open an existing
 * one, to send and to receive
 * @flags: IPCCHAN_ATTACH_*
 * @role: IPCCHAN_ROLE_*, 0 for both
 * @kind: enum ipcchan_kind, of a channel to create, as are those below
 * @mode: permission bits, 0 for 0600
 * @max_msgs: messages queued at most, 0 for the default of the module
 * @max_msg_size: bytes of one message at most, 0 likewise
 * @max_bytes: bytes queued at most, 0 likewise
 * @buf_size: bytes of shared buffer, rounded up to pages, 0 for none
 * @options: IPCCHAN_OPT_*
 * @slow: enum ipcchan_slow, with IPCCHAN_KIND_BROADCAST
 * @spin_ns: nanoseconds that a waiter polls before it sleeps, at most
 *	IPCCHAN_SPIN_MAX_NS; 0 for what the module has been told; IPCCHAN_SPIN_NONE
 * @fd: with IPCCHAN_ATTACH_FD, a descriptor attached to the wanted channel
 * @nonblock: send and receive return -EAGAIN where they would wait
 * @buf_flags: IPCCHAN_BUF_*, with @buf_size
 * @buf_node: NUMA node, with IPCCHAN_BUF_NODE
 * @populate: ipcchan_map() makes all pages present at once, so that none of them faults
 *	when it is first touched; of any channel, but not where it maps it writable with
 *	IPCCHAN_OPT_REVOKE: there the pages of a block come with its first touch
 */
struct ipcchan_opts {
	uint32_t flags;
	uint32_t role;
	uint32_t kind;
	uint32_t mode;
	uint32_t max_msgs;
	uint32_t max_msg_size;
	uint64_t max_bytes;
	uint64_t buf_size;
	uint32_t options;
	uint32_t slow;
	uint32_t spin_ns;
	int fd;
	int nonblock;
	uint32_t buf_flags;
	uint32_t buf_node;
	int populate;
};

/**
 * ipcchan_open() - open /dev/ipcchan and attach to a channel
 * @chan: out, to be given to ipcchan_close()
 * @name: of the channel, 1 to IPCCHAN_NAME_SIZE - 1 bytes without '/' and
 *	control characters; NULL with IPCCHAN_ATTACH_ANON and IPCCHAN_ATTACH_FD
 * @opts: NULL for the defaults
 *
 * Return: 0; -ENOENT, -ENXIO or -ENODEV (no /dev/ipcchan: the module is not loaded; or
 * -ENOENT: no such channel), or as struct ipcchan_attach says.
 */
int ipcchan_open(struct ipcchan **chan, const char *name,
		 const struct ipcchan_opts *opts);

/**
 * ipcchan_close() - unmap the buffer, close the descriptor, free
 * @chan: may be NULL; no other thread may be using it
 */
void ipcchan_close(struct ipcchan *chan);

/**
 * ipcchan_fd() - the descriptor, for poll() and epoll
 * @chan: stays its owner
 *
 * Return: the descriptor, good until ipcchan_close(); never an error.
 */
int ipcchan_fd(const struct ipcchan *chan);

/**
 * ipcchan_send() - send one message
 * @chan: attached with IPCCHAN_ROLE_SEND
 * @msg: what to send, copied
 * @len: bytes, 1 to the channel's max_msg_size
 *
 * Waits while the channel is full.
 *
 * Return: 0; -EAGAIN (full, non-blocking), -EDQUOT (non-blocking: of another user's
 * channel, which is not full, this user has used up its share; poll() says POLLOUT all
 * the same), -EMSGSIZE (longer than the channel takes: see ipcchan_get_info()), -EINVAL
 * (empty), -EBADF (role), -EFAULT, -EINTR, -ENOBUFS (IPCCHAN_POOL_FAIL), -ENOMEM, -EPIPE
 * (with IPCCHAN_OPT_HANGUP, and SIGPIPE: no receiver is left), -EOPNOTSUPP
 * (IPCCHAN_KIND_RPC: see ipcchan_call()).
 */
int ipcchan_send(struct ipcchan *chan, const void *msg, size_t len);

/**
 * ipcchan_recv() - receive one message
 * @chan: attached with IPCCHAN_ROLE_RECV
 * @buf: out, the message
 * @size: bytes of room at @buf
 *
 * Waits while the channel is empty.
 *
 * Return: bytes received, at least 1; 0 (with IPCCHAN_OPT_HANGUP: empty, and no
 * sender is left); -EAGAIN (empty, non-blocking), -EMSGSIZE (the message is longer
 * than @size and stays: see ipcchan_next_len()), -EINVAL (@size is 0), -EBADF (role),
 * -EFAULT, -EINTR, -ECONNRESET (this subscriber was too slow, IPCCHAN_SLOW_DISCONNECT),
 * -EOPNOTSUPP
 * (IPCCHAN_KIND_RPC: see ipcchan_serve()).
 */
ssize_t ipcchan_recv(struct ipcchan *chan, void *buf, size_t size);

/**
 * ipcchan_msg_init() - a header with a payload, or with room for one, and no more
 * @msg: out, all else of it is zero
 * @buf: payload, or room for it; not touched here
 * @len: bytes, at least 1
 *
 * What was received through a header has overwritten its length and flags: call this
 * again before it is used for the next message.
 */
static inline void ipcchan_msg_init(struct ipcchan_msghdr *msg, const void *buf,
				    size_t len)
{
	memset(msg, 0, sizeof(*msg));
	msg->buf = (uint64_t)(uintptr_t)buf;
	msg->len = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len;
}

/**
 * ipcchan_msg_fds() - descriptors to be sent, or room for received ones
 * @msg: header
 * @fds: descriptors; received ones belong to the caller and are close-on-exec
 * @nr: how many, at most IPCCHAN_FDS_MAX
 */
static inline void ipcchan_msg_fds(struct ipcchan_msghdr *msg, const int *fds,
				   uint32_t nr)
{
	msg->fds = (uint64_t)(uintptr_t)fds;
	msg->nr_fds = nr;
}

/**
 * ipcchan_send_msg() - send one message with priority, type, cookie, descriptors
 * @chan: attached with IPCCHAN_ROLE_SEND
 * @msg: see ipcchan_msg_init() and ipcchan_msg_fds(); set prio, type and cookie in it;
 *	payload and descriptors are copied
 * @flags: IPCCHAN_XFER_*
 * @timeout_ns: nanoseconds from now, or with IPCCHAN_XFER_ABSTIME a time of
 *	CLOCK_MONOTONIC; 0 to try, IPCCHAN_WAIT_FOREVER
 *
 * Return: 0; -EAGAIN (full, and it may not wait), -ETIMEDOUT, -EMSGSIZE (longer than
 * the channel takes), -EINVAL (empty, @prio above IPCCHAN_PRIO_MAX, more than
 * IPCCHAN_FDS_MAX descriptors, one of a file that can carry descriptors itself),
 * -EBADF (role, or no such descriptor), -EDQUOT (too many descriptors are on their
 * way; or it may not wait, and see ipcchan_send()), -EPIPE (no receiver is left; no
 * SIGPIPE), -EINTR, -ENOBUFS, -ENOMEM, -EFAULT, -EOPNOTSUPP (IPCCHAN_KIND_RPC), or of a
 * block as ipcchan_msg_block() says.
 */
int ipcchan_send_msg(struct ipcchan *chan, const struct ipcchan_msghdr *msg,
		     uint32_t flags, int64_t timeout_ns);

/**
 * ipcchan_recv_msg() - receive one message with all that it tells
 * @chan: attached with IPCCHAN_ROLE_RECV
 * @msg: in room for payload and descriptors, out the message
 * @flags: IPCCHAN_XFER_*
 * @timeout_ns: as for ipcchan_send_msg()
 *
 * Descriptors that there is no room for are closed: IPCCHAN_MSG_FDS_LOST in
 * @msg->flags.
 *
 * Return: bytes, at least 1; 0 at end of file; -EAGAIN (empty, and it may not wait),
 * -ETIMEDOUT, -EMSGSIZE (longer than the room; the message stays, and @msg->len is
 * its length), -EINVAL (no room, or @msg->flags is not zero), -EMFILE, -EBADF (role),
 * -ECONNRESET (this subscriber was too slow), -EDQUOT (IPCCHAN_XFER_PLACE: this user has
 * its share of another's blocks), -EINTR, -ENOMEM, -EFAULT, -EOPNOTSUPP.
 */
ssize_t ipcchan_recv_msg(struct ipcchan *chan, struct ipcchan_msghdr *msg,
			 uint32_t flags, int64_t timeout_ns);

/**
 * ipcchan_send_batch() - send many messages with one system call
 * @chan: attached with IPCCHAN_ROLE_SEND
 * @msgs: as for ipcchan_send_msg(), in this order
 * @count: how many, 1 to IPCCHAN_BATCH_MAX
 * @flags: IPCCHAN_XFER_*
 * @timeout_ns: as for ipcchan_send_msg(), for all of them
 *
 * Waits until all are sent.
 *
 * Return: how many were sent, at least 1: where that is less than @count, a call
 * with the rest tells why; as ipcchan_send_msg() where none was.
 */
int ipcchan_send_batch(struct ipcchan *chan, const struct ipcchan_msghdr *msgs,
		       uint32_t count, uint32_t flags, int64_t timeout_ns);

/**
 * ipcchan_recv_batch() - receive many messages with one system call
 * @chan: attached with IPCCHAN_ROLE_RECV
 * @msgs: as for ipcchan_recv_msg(), each with its own room
 * @count: at most so many, 1 to IPCCHAN_BATCH_MAX
 * @flags: IPCCHAN_XFER_*
 * @timeout_ns: as for ipcchan_send_msg(), for the first of them
 *
 * Waits until there is one, and takes as many as there are.
 *
 * Return: how many were received, the first so many of @msgs; 0 at end of file; as
 * ipcchan_recv_msg() where none was.
 */
int ipcchan_recv_batch(struct ipcchan *chan, struct ipcchan_msghdr *msgs,
		       uint32_t count, uint32_t flags, int64_t timeout_ns);

/**
 * ipcchan_set_filter() - choose what this endpoint receives, and when it is readable
 * @chan: attached with IPCCHAN_ROLE_RECV
 * @filter: type (with IPCCHAN_FILTER_TYPE) and least priority of what is received;
 *	messages or bytes that must be queued before poll() says readable; all zero
 *	for everything, at once
 *
 * Holds for receives that begin later.  In a queue, what is filtered out waits for
 * other receivers; a subscriber is not sent it.
 *
 * Return: 0; -EINVAL, -EBADF (role), -EOPNOTSUPP (by type, and the channel may hold
 * more than IPCCHAN_FILTER_MSGS).
 */
int ipcchan_set_filter(struct ipcchan *chan, const struct ipcchan_filter *filter);

/**
 * ipcchan_call() - send a request and wait for its reply
 * @chan: of IPCCHAN_KIND_RPC, attached with IPCCHAN_ROLE_SEND
 * @request: what to send, copied
 * @len: its bytes, 1 to the channel's max_msg_size
 * @reply: out
 * @size: bytes of room at @reply, at least 1: a server cannot give more
 * @timeout_ns: nanoseconds until the reply is there, or IPCCHAN_WAIT_FOREVER
 *
 * One system call.  Where it fails after a server has taken the request, that may
 * have been carried out.  Several threads may call through one @chan at once.
 *
 * Return: bytes of the reply; -EOWNERDEAD (the server has died, or closed, without
 * replying), the error that the server gives, -ETIMEDOUT and -EINTR (the call is
 * cancelled), -EMSGSIZE, -EINVAL, -EBADF (role), -EPIPE (no server is left),
 * -EFAULT, -ENOMEM, -EOPNOTSUPP (not an rpc channel).
 */
ssize_t ipcchan_call(struct ipcchan *chan, const void *request, size_t len,
		     void *reply, size_t size, int64_t timeout_ns);

/**
 * ipcchan_call_msg() - ipcchan_call() with headers: priority, type, cookie,
 * descriptors either way, an absolute time limit
 * @chan: as for ipcchan_call()
 * @call: request as to be sent, reply as to be received; see ipcchan_msg_init()
 *
 * Return: 0, or as ipcchan_call(); of descriptors -EDQUOT, -EINVAL and -EBADF as
 * ipcchan_send_msg(), -EMFILE (the reply is lost).
 */
int ipcchan_call_msg(struct ipcchan *chan, struct ipcchan_call *call);

/**
 * ipcchan_serve() - reply to a call, wait for the next request, or both at once
 * @chan: of IPCCHAN_KIND_RPC, attached with IPCCHAN_ROLE_RECV
 * @serve: flags IPCCHAN_SERVE_REPLY: reply (or error) goes to the call numbered call;
 *	IPCCHAN_SERVE_NEXT: request and call come out, and room, the longest reply
 *	that the client takes, bytes; out replied, which this sets to 0 first
 *
 * One system call for a whole round trip of a server that does both.  Any thread may
 * reply to any call that was taken through this endpoint, in any order, later too.
 * The next request is in @serve->request, whose room must be set again before each
 * NEXT, as ipcchan_msg_init() does.
 *
 * An error with @serve->replied set is of NEXT, or -ECANCELED: the client waits no
 * more.  Without it the call is still to be replied to.
 *
 * Return: 1 with a request; 0 without NEXT, or at end of file; -EAGAIN and -ETIMEDOUT
 * (no request), -EINTR, -ECANCELED (the call was replied to, or its client has given
 * up), -ENOENT (no such call), -EMSGSIZE (the reply is longer than the client takes; or,
 * once replied, the request is longer than the room for it, and stays), -EINVAL,
 * -EBADF, -EDQUOT (descriptors on their way), -EMFILE (the request stays), -ENOMEM,
 * -EFAULT, -EOPNOTSUPP (not an rpc channel).
 */
int ipcchan_serve(struct ipcchan *chan, struct ipcchan_serve *serve);

/**
 * ipcchan_reply() - reply to a call
 * @chan: as for ipcchan_serve()
 * @call: its number, as ipcchan_serve() told
 * @reply: copied
 * @len: bytes, 1 to the room that the client has
 *
 * Return: 0, or as ipcchan_serve(): -ECANCELED, -ENOENT, -EMSGSIZE, ...
 */
int ipcchan_reply(struct ipcchan *chan, uint64_t call, const void *reply, size_t len);

/**
 * ipcchan_reply_error() - let a call fail
 * @chan: as for ipcchan_serve()
 * @call: its number
 * @error: positive errno value, 1 to 4095, that the client's call returns, negated
 *
 * Return: 0, or as ipcchan_reply().
 */
int ipcchan_reply_error(struct ipcchan *chan, uint64_t call, int error);

/**
 * typedef ipcchan_handler - what ipcchan_serve_loop() calls for each request
 * @arg: as given to it
 * @call: number of the call
 * @request: the request and who sent it, its payload at request->buf
 * @reply: out, the reply
 * @room: bytes at @reply: what the client takes, at most the channel's max_msg_size
 *
 * Return: bytes of the reply, 1 to @room; negative errno that the call fails with; 0
 * when ipcchan_reply() or ipcchan_reply_error() has been or will be called for it.
 */
typedef ssize_t (*ipcchan_handler)(void *arg, uint64_t call,
				   const struct ipcchan_msghdr *request,
				   void *reply, size_t room);

/**
 * ipcchan_serve_loop() - serve calls, with one system call each
 * @chan: as for ipcchan_serve()
 * @handler: called for each request
 * @arg: given to it
 * @timeout_ns: nanoseconds to wait for a request, or IPCCHAN_WAIT_FOREVER
 *
 * Clients that have given up are passed over.  Whatever it returns, no call is left
 * without its reply, and it may be called again.  Several threads may do so at once.
 *
 * Return: 0 at end of file (with IPCCHAN_OPT_HANGUP, when the last client has left);
 * -EINTR, -EAGAIN and -ETIMEDOUT (no request), -ENOMEM, or as ipcchan_serve().
 */
int ipcchan_serve_loop(struct ipcchan *chan, ipcchan_handler handler, void *arg,
		       int64_t timeout_ns);

/**
 * ipcchan_next_len() - length of the message that is next to be received
 * @chan: channel
 *
 * Return: bytes; 0 when none is queued; -EBADF (role).  With several receivers another
 * one may take it first.
 */
ssize_t ipcchan_next_len(struct ipcchan *chan);

/**
 * ipcchan_get_info() - limits and state of the channel and this endpoint
 * @chan: channel
 * @info: out
 *
 * Return: 0, or what ioctl() says of a descriptor that is none any more.
 */
int ipcchan_get_info(struct ipcchan *chan, struct ipcchan_info *info);

/**
 * ipcchan_query() - version, features and limits of the loaded module
 * @query: out
 *
 * Return: 0; -ENOENT, -ENXIO or -ENODEV (the module is not loaded), or as open()
 * of /dev/ipcchan says: -EACCES (its mode), -EMFILE, -ENFILE.
 */
int ipcchan_query(struct ipcchan_query *query);

/**
 * ipcchan_unlink() - remove a channel's name
 * @name: as for ipcchan_open()
 *
 * Return: 0; -ENOENT, -EPERM, -EINVAL, -ENAMETOOLONG, or as ipcchan_query().
 */
int ipcchan_unlink(const char *name);

/**
 * ipcchan_map() - map the whole shared buffer
 * @chan: channel
 * @addr: out, page-aligned, or aligned so that huge pages are mapped as such; the
 *	mapping lives until ipcchan_close()
 * @size: out, bytes
 *
 * Writable with IPCCHAN_ROLE_SEND, else read-only.  A second call returns the
 * same mapping.  What such a mapping does is told in <linux/ipcchan_buf.h>.
 *
 * Return: 0; -ENODEV (the channel has no buffer), -ENOMEM, -EAGAIN (more than may be locked
 * into memory), -EXDEV (IPCCHAN_OPT_REVOKE, and mapped through another node of the device).
 */
int ipcchan_map(struct ipcchan *chan, void **addr, size_t *size);

/**
 * ipcchan_loan() - take blocks of the channel's buffer, to build messages in
 * @chan: attached with IPCCHAN_ROLE_SEND, of a channel with IPCCHAN_OPT_LOANS
 * @len: bytes of each, at least 1, rounded up to pages
 * @blocks: out, page-aligned addresses in the mapping of ipcchan_map(), which this makes
 * @count: at most so many, at least 1; of more than 64 it takes 64
 * @flags: IPCCHAN_XFER_NONBLOCK, IPCCHAN_XFER_ABSTIME
 * @timeout_ns: as for ipcchan_send_msg(), for the first of them
 *
 * Waits until there is one, and takes as many as there are.  What is in them is not
 * cleared.  Send them with ipcchan_msg_block(), or ipcchan_give_back() them.
 *
 * Return: how many; -EAGAIN and -EDQUOT (it may not wait, and there is none, or none for
 * this user), -ETIMEDOUT, -EINTR, -EMSGSIZE (longer than the buffer, or than this user may
 * have), -EINVAL, -EBADF (role), -ENOMEM, -EPIPE (no receiver is left), -EOPNOTSUPP (not a
 * channel of that kind), or as ipcchan_map().
 */
int ipcchan_loan(struct ipcchan *chan, size_t len, void **blocks, uint32_t count,
		 uint32_t flags, int64_t timeout_ns);

/**
 * ipcchan_msg_block() - a header whose payload is a block, and no more
 * @chan: that has the block, by ipcchan_loan() or by receiving it
 * @msg: out, for ipcchan_send_msg() and ipcchan_send_batch(); set prio, type, cookie in it
 * @block: its address
 * @len: bytes of it that are sent, at least 1
 *
 * Nothing is copied: once it is sent the block is the receiver's, and not to be written
 * any more.  If it cannot be sent it stays this endpoint's.  Beside what it says
 * otherwise, sending returns -ENOENT (no such block), -EBUSY (others received it, too),
 * -EMSGSIZE (longer than the block).
 *
 * Return: 0; -EINVAL (not in the buffer).
 */
int ipcchan_msg_block(const struct ipcchan *chan, struct ipcchan_msghdr *msg,
		      const void *block, size_t len);

/**
 * ipcchan_msg_payload() - where the payload of a received message is
 * @chan: that has received it; with ipcchan_map() or ipcchan_pool() called before, where
 *	blocks are received
 * @msg: received with IPCCHAN_XFER_PLACE, or without
 *
 * A block, known by IPCCHAN_MSG_PLACED in @msg->flags, is this endpoint's until
 * ipcchan_give_back(); one of the channel's buffer may be sent again.
 *
 * What came by broadcast of a channel with IPCCHAN_OPT_REVOKE can be read only.
 *
 * Return: its first byte.
 */
void *ipcchan_msg_payload(const struct ipcchan *chan, const struct ipcchan_msghdr *msg);

/**
 * ipcchan_give_back() - blocks that are not needed any more
 * @chan: that has them
 * @blocks: their addresses
 * @count: how many, at least 1
 *
 * Return: how many were given back, at least 1: where that is less than @count, a call with
 * the rest tells why; -ENOENT (no such block), -EINVAL (not in a buffer, or @count is 0).
 */
int ipcchan_give_back(struct ipcchan *chan, const void *const *blocks, uint32_t count);

/**
 * ipcchan_pool() - have messages copied, once, to where they are read
 * @chan: attached with IPCCHAN_ROLE_RECV, of IPCCHAN_KIND_QUEUE
 * @size: bytes of the pool, rounded up to pages; a message takes whole pages of it
 * @full: enum ipcchan_pool_full
 * @min_len: messages of at least so many bytes go there
 *
 * For good: until ipcchan_close().  Receive with IPCCHAN_XFER_PLACE, and give the blocks
 * back.  No sender can change them, so that nothing has to be copied before it is checked.
 *
 * One that was made, and could not be mapped (-ENOMEM, -EAGAIN), stays: a call like this one
 * maps it.  Until then receive without IPCCHAN_XFER_PLACE.
 *
 * Return: 0; -EBUSY (this endpoint or another one of the channel has a pool, be it not
 * mapped and not as it is asked for), -EDQUOT, -ENOMEM, -EINVAL, -EBADF (role), -EINTR,
 * -EOPNOTSUPP (kind).
 */
int ipcchan_pool(struct ipcchan *chan, size_t size, uint32_t full, size_t min_len);

/**
 * struct ipcchan_bell - what sleeps and wakes on a 32-bit word of shared memory
 * @fd: of the channel, which owns it; -1 for a futex
 * @base: first byte of the channel's buffer
 *
 * Either the doorbell of a channel's buffer or, over any other shared memory
 * such as a memfd, a futex.  Filled by ipcchan_bell_futex() or
 * ipcchan_bell_chan(); a plain value, may be copied.
 */
struct ipcchan_bell {
	int fd;
	const char *base;
};

/**
 * ipcchan_bell_futex() - a bell over any memory that the peers share
 *
 * Return: the bell; never an error.
 */
struct ipcchan_bell ipcchan_bell_futex(void);

/**
 * ipcchan_bell_chan() - a bell over the mapped buffer of a channel
 * @bell: out, valid until ipcchan_close()
 * @chan: channel
 *
 * Return: 0, or as ipcchan_map().
 */
int ipcchan_bell_chan(struct ipcchan_bell *bell, struct ipcchan *chan);

/**
 * ipcchan_bell_wait() - sleep while *word == expected
 * @bell: of the memory that @word is in
 * @word: 4-aligned, in the memory that the bell is for; the peers change it with
 *	atomic operations (plain uint32_t so that C++ can include this header)
 * @expected: sleep only while the word holds this value
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * No wake-up is lost when the waker changes the word before it wakes.  May
 * return early; look at the word again.
 *
 * Return: 0; -EAGAIN (the word differs), -ETIMEDOUT, -EINTR, -EINVAL (@word is
 * unaligned or outside of the buffer, @timeout_ns is below
 * IPCCHAN_WAIT_FOREVER), -EBADF.
 */
int ipcchan_bell_wait(const struct ipcchan_bell *bell,
		      const uint32_t *word, uint32_t expected,
		      int64_t timeout_ns);

/**
 * ipcchan_bell_wake() - wake sleepers of a word
 * @bell: of the memory that @word is in
 * @word: as for ipcchan_bell_wait()
 * @count: wake at most so many, at least 1
 *
 * Return: number woken; -EINVAL (@word as above, @count is 0), -EBADF (no
 * IPCCHAN_ROLE_SEND).
 */
int ipcchan_bell_wake(const struct ipcchan_bell *bell,
		      const uint32_t *word, uint32_t count);

/**
 * ipcchan_bell_eventfd() - have each wake for a word signal an eventfd
 * @bell: of a channel; a copy of it is the same endpoint's
 * @word: as for ipcchan_bell_wait()
 * @efd: an eventfd; stays the caller's, who may close it at any time
 * @on: 0 to undo it, with any descriptor of the same eventfd
 *
 * Until it is undone, or the channel is closed, ipcchan_bell_wake() for @word adds 1
 * to it, whatever its count.  What was rung before is only seen in the word: look at
 * it after this call.
 *
 * Return: 0; -EOPNOTSUPP (a futex), -EEXIST (it is so already), -EBUSY (it is through
 * another endpoint), -ENOENT (@on is 0, and it is not), -EBADF and -EINVAL (no eventfd;
 * @word is unaligned or outside of the buffer), -ENOSPC (more than IPCCHAN_BELL_FDS_MAX of
 * one struct ipcchan), -EDQUOT, -ENOMEM.
 */
int ipcchan_bell_eventfd(const struct ipcchan_bell *bell,
			 const uint32_t *word, int efd, int on);

/**
 * ipcchan_bell_watch() - have poll() and epoll on the channel's descriptor look at a word
 * @bell: of a channel; a copy of it is the same endpoint's
 * @word: as for ipcchan_bell_wait(); NULL for none any more.  One for each struct
 *	ipcchan: another one takes its place
 * @expected: ipcchan_fd() has POLLPRI (EPOLLPRI, or the third set of select()) while
 *	*@word differs from this
 *
 * No wake-up is lost when the waker changes the word before it calls
 * ipcchan_bell_wake().  Who sets the word back to @expected goes on watching it
 * without another call.
 *
 * Return: 0; -EOPNOTSUPP (a futex), -EINVAL (@word is unaligned or outside of the
 * buffer), -EDQUOT, -ENOMEM.
 */
int ipcchan_bell_watch(const struct ipcchan_bell *bell,
		       const uint32_t *word, uint32_t expected);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_H */
