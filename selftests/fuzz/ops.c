// SPDX-License-Identifier: GPL-2.0
/* The table of operations. */
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "abi.h"
#include "mem.h"
#include "net.h"
#include "ops.h"

#define A(name, kind, info)	{ name, ARG_##kind, 0, 0, info }
/* A field of a structure; one whose name is taken has another */
#define FN(name, st, field, kind, info) \
	{ name, ARG_##kind, sizeof(((struct st *)0)->field), offsetof(struct st, field), info }
#define F(st, field, kind, info)	FN(#field, st, field, kind, info)

#define IOCTL(name, weight, nr, st, ...) \
	{ name, weight, false, IPCCHAN_IOC_##nr, sizeof(struct st), run_ioctl, \
	  { A("on", FD, FD_CHAN), __VA_ARGS__, A("at", PTR, AT_SCRATCH) } }
#define STORE(name, weight, bytes, region, ...) \
	{ name, weight, true, 0, bytes, run_store, \
	  { A("to", PTR, region), A("more", COUNT, 0), __VA_ARGS__ } }
#define CALL(name, weight, run, ...)	{ name, weight, false, 0, 0, run, { __VA_ARGS__ } }
#define LOCAL(name, weight, run, ...)	{ name, weight, true, 0, 0, run, { __VA_ARGS__ } }

#define ATTACH_FLAGS	(IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL | IPCCHAN_ATTACH_ANON | \
			 IPCCHAN_ATTACH_FD)
#define ROLES		(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)
#define OPTIONS		(IPCCHAN_OPT_HANGUP | IPCCHAN_OPT_TIMESTAMP | IPCCHAN_OPT_SYNC_WAKE | \
			 IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE)
#define BUF_FLAGS	(IPCCHAN_BUF_HUGE | IPCCHAN_BUF_NODE)
#define XFER_FLAGS	(IPCCHAN_XFER_NONBLOCK | IPCCHAN_XFER_ABSTIME | IPCCHAN_XFER_PLACE)
#define SERVE_FLAGS	(IPCCHAN_SERVE_NONBLOCK | IPCCHAN_SERVE_ABSTIME | \
			 IPCCHAN_SERVE_REPLY | IPCCHAN_SERVE_NEXT)
#define POLL_EVENTS	(POLLIN | POLLOUT | POLLPRI | POLLERR | POLLHUP | POLLRDHUP)
#define RW_FLAGS	(RWF_NOWAIT | RWF_HIPRI | RWF_DSYNC | RWF_APPEND)
#define NL_FLAGS	(NLM_F_ECHO | NLM_F_ACK | NLM_F_ROOT | NLM_F_MATCH | NLM_F_EXCL)

const struct op ops[] = {
	CALL("open", 12, run_open, A("to", NEW, FD_CHAN), A("access", ENUM, 4),
	     A("flags", FLAGS, O_NONBLOCK | O_ASYNC | O_APPEND | O_CLOEXEC)),
	IOCTL("attach", 20, ATTACH, ipcchan_attach, F(ipcchan_attach, flags, FLAGS, ATTACH_FLAGS),
	      F(ipcchan_attach, role, FLAGS, ROLES), F(ipcchan_attach, kind, ENUM, 3),
	      F(ipcchan_attach, mode, FLAGS, 0777), F(ipcchan_attach, max_msgs, COUNT, 0),
	      F(ipcchan_attach, max_msg_size, SIZE, 0), F(ipcchan_attach, max_bytes, SIZE, 0),
	      F(ipcchan_attach, buf_size, PAGES, 0), F(ipcchan_attach, fd, FD_NUMBER, FD_CHAN),
	      F(ipcchan_attach, options, FLAGS, OPTIONS), F(ipcchan_attach, slow, ENUM, 4),
	      F(ipcchan_attach, spin_ns, COUNT, 0),
	      F(ipcchan_attach, buf_flags, FLAGS, BUF_FLAGS),
	      F(ipcchan_attach, buf_node, ZERO, 0), F(ipcchan_attach, reserved, ZERO, 0),
	      F(ipcchan_attach, name, NAME, 0)),
	IOCTL("query", 1, QUERY, ipcchan_query, F(ipcchan_query, reserved, ZERO, 0)),
	IOCTL("unlink", 5, UNLINK, ipcchan_unlink, F(ipcchan_unlink, flags, ZERO, 0),
	      F(ipcchan_unlink, reserved, ZERO, 0), F(ipcchan_unlink, name, NAME, 0)),
	IOCTL("info", 4, INFO, ipcchan_info, F(ipcchan_info, flags, ZERO, 0)),
	IOCTL("send", 30, SEND, ipcchan_xfer, F(ipcchan_xfer, msgs, PTR, AT_MSGS),
	      F(ipcchan_xfer, count, COUNT, 0), F(ipcchan_xfer, flags, FLAGS, XFER_FLAGS),
	      F(ipcchan_xfer, timeout_ns, TIME, 0), F(ipcchan_xfer, reserved, ZERO, 0)),
	IOCTL("recv", 30, RECV, ipcchan_xfer, F(ipcchan_xfer, msgs, PTR, AT_MSGS),
	      F(ipcchan_xfer, count, COUNT, 0), F(ipcchan_xfer, flags, FLAGS, XFER_FLAGS),
	      F(ipcchan_xfer, timeout_ns, TIME, 0), F(ipcchan_xfer, reserved, ZERO, 0)),
	IOCTL("call", 20, CALL, ipcchan_call, F(ipcchan_call, flags, FLAGS, IPCCHAN_XFER_ABSTIME),
	      F(ipcchan_call, reserved, ZERO, 0), F(ipcchan_call, timeout_ns, TIME, 0),
	      F(ipcchan_call, request, MSG, 0), F(ipcchan_call, reply, MSG, 0)),
	IOCTL("serve", 25, SERVE, ipcchan_serve, F(ipcchan_serve, flags, FLAGS, SERVE_FLAGS),
	      F(ipcchan_serve, error, COUNT, 0), F(ipcchan_serve, call, COUNT, 0),
	      F(ipcchan_serve, timeout_ns, TIME, 0), F(ipcchan_serve, room, ZERO, 0),
	      F(ipcchan_serve, replied, ZERO, 0), F(ipcchan_serve, reply, MSG, 0),
	      F(ipcchan_serve, request, MSG, 0)),
	IOCTL("filter", 8, FILTER, ipcchan_filter,
	      F(ipcchan_filter, flags, FLAGS, IPCCHAN_FILTER_TYPE),
	      F(ipcchan_filter, type, COUNT, 0), F(ipcchan_filter, min_prio, COUNT, 0),
	      F(ipcchan_filter, low_msgs, COUNT, 0), F(ipcchan_filter, low_bytes, SIZE, 0)),
	IOCTL("loan", 15, LOAN, ipcchan_loan, F(ipcchan_loan, len, PAGES, 0),
	      F(ipcchan_loan, offsets, PTR, AT_OFFS), F(ipcchan_loan, count, COUNT, 0),
	      F(ipcchan_loan, flags, FLAGS, XFER_FLAGS), F(ipcchan_loan, timeout_ns, TIME, 0)),
	IOCTL("give_back", 10, GIVE_BACK, ipcchan_give_back,
	      F(ipcchan_give_back, offsets, PTR, AT_OFFS), F(ipcchan_give_back, count, COUNT, 0),
	      F(ipcchan_give_back, flags, ZERO, 0)),
	IOCTL("pool", 8, POOL, ipcchan_pool, F(ipcchan_pool, size, PAGES, 0),
	      F(ipcchan_pool, full, ENUM, 3), F(ipcchan_pool, min_len, SIZE, 0),
	      F(ipcchan_pool, reserved, ZERO, 0)),
	IOCTL("wait", 10, WAIT, ipcchan_wait, F(ipcchan_wait, offset, INDEX, 8),
	      F(ipcchan_wait, expected, COUNT, 0), F(ipcchan_wait, flags, ZERO, 0),
	      F(ipcchan_wait, timeout_ns, TIME, 0)),
	IOCTL("wake", 12, WAKE, ipcchan_wake, F(ipcchan_wake, offset, INDEX, 8),
	      F(ipcchan_wake, count, COUNT, 0), F(ipcchan_wake, flags, ZERO, 0)),
	IOCTL("bell_fd", 10, BELL_FD, ipcchan_bell_fd, F(ipcchan_bell_fd, offset, INDEX, 8),
	      FN("event", ipcchan_bell_fd, fd, FD, FD_EVENT),
	      F(ipcchan_bell_fd, flags, FLAGS, IPCCHAN_BELL_FD_REMOVE),
	      F(ipcchan_bell_fd, reserved, ZERO, 0)),
	IOCTL("watch", 8, WATCH, ipcchan_watch, F(ipcchan_watch, offset, INDEX, 8),
	      F(ipcchan_watch, expected, COUNT, 0),
	      F(ipcchan_watch, flags, FLAGS, IPCCHAN_WATCH_OFF)),
	IOCTL("report", 4, REPORT, ipcchan_report, F(ipcchan_report, offset, INDEX, 8),
	      F(ipcchan_report, reserved, ZERO, 0)),
	CALL("ioctl", 4, run_any_ioctl, A("fd", FD, FD_CHAN), A("cmd", NUMBER, 0),
	     A("twist", ZERO, 0), A("at", PTR, AT_SCRATCH)),

	STORE("msg", 30, sizeof(struct ipcchan_msghdr), AT_MSGS,
	      F(ipcchan_msghdr, buf, PTR, AT_DATA), F(ipcchan_msghdr, len, SIZE, 0),
	      F(ipcchan_msghdr, flags, FLAGS, IPCCHAN_MSG_FDS_LOST | IPCCHAN_MSG_PLACED),
	      F(ipcchan_msghdr, prio, INDEX, 32), F(ipcchan_msghdr, type, COUNT, 0),
	      F(ipcchan_msghdr, cookie, NUMBER, 0), F(ipcchan_msghdr, fds, PTR, AT_FDS),
	      F(ipcchan_msghdr, nr_fds, COUNT, 0)),
	STORE("iov", 6, sizeof(struct iovec), AT_IOVS, FN("base", iovec, iov_base, PTR, AT_DATA),
	      FN("len", iovec, iov_len, SIZE, 0)),
	STORE("offset", 6, sizeof(uint64_t), AT_OFFS,
	      { "value", ARG_PAGES, sizeof(uint64_t), 0, 0 }),
	LOCAL("fd_number", 8, run_store_fd, A("to", PTR, AT_FDS), A("fd", FD, FD_ANY)),

	CALL("read", 12, run_read, A("fd", FD, FD_CHAN), A("to", PTR, AT_DATA), A("len", SIZE, 0)),
	CALL("write", 12, run_write, A("fd", FD, FD_CHAN), A("from", PTR, AT_DATA),
	     A("len", SIZE, 0)),
	CALL("readv", 4, run_readv, A("fd", FD, FD_CHAN), A("iov", PTR, AT_IOVS),
	     A("count", COUNT, 0), A("flags", FLAGS, RW_FLAGS)),
	CALL("writev", 4, run_writev, A("fd", FD, FD_CHAN), A("iov", PTR, AT_IOVS),
	     A("count", COUNT, 0), A("flags", FLAGS, RW_FLAGS)),
	CALL("poll", 4, run_poll, A("a", FD, FD_CHAN), A("b", FD, FD_ANY),
	     A("events", FLAGS, POLL_EVENTS), A("ms", INDEX, 3)),
	CALL("epoll_create", 4, run_epoll_create, A("to", NEW, FD_EPOLL)),
	CALL("epoll_ctl", 6, run_epoll_ctl, A("epoll", FD, FD_EPOLL), A("op", ENUM, 3),
	     A("fd", FD, FD_CHAN),
	     A("events", FLAGS, POLL_EVENTS | EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE)),
	CALL("epoll_wait", 3, run_epoll_wait, A("epoll", FD, FD_EPOLL), A("ms", INDEX, 3)),
	CALL("lock", 6, run_lock, A("fd", FD, FD_CHAN), A("cmd", ENUM, 6), A("type", ENUM, 3),
	     A("whence", ENUM, 1), A("start", NUMBER, 0), A("len", NUMBER, 0)),
	CALL("setfl", 4, run_setfl, A("fd", FD, FD_CHAN),
	     A("flags", FLAGS, O_NONBLOCK | O_ASYNC | O_APPEND)),
	CALL("setown", 2, run_setown, A("fd", FD, FD_CHAN), A("whom", ENUM, 3)),
	CALL("setsig", 1, run_setsig, A("fd", FD, FD_CHAN), A("signal", ENUM, 5)),
	CALL("splice", 4, run_splice, A("in", FD, FD_CHAN | FD_PIPE),
	     A("out", FD, FD_CHAN | FD_PIPE), A("len", SIZE, 0), A("flags", FLAGS, 15)),
	CALL("vmsplice", 2, run_vmsplice, A("pipe", FD, FD_PIPE), A("iov", PTR, AT_IOVS),
	     A("count", COUNT, 0)),
	CALL("sendfile", 1, run_sendfile, A("in", FD, FD_CHAN | FD_MEM),
	     A("out", FD, FD_CHAN | FD_PIPE), A("len", SIZE, 0)),
	CALL("fdinfo", 2, run_fdinfo, A("fd", FD, FD_CHAN)),
	CALL("state", 1, run_state),

	CALL("mmap", 14, run_mmap, A("map", MAP, 0), A("fd", FD, FD_CHAN), A("prot", FLAGS, 3),
	     A("kind", ENUM, 3), A("flags", FLAGS, MAP_POPULATE | MAP_LOCKED | MAP_NORESERVE),
	     A("len", PAGES, 0), A("offset", PAGES, 0), A("pool", ENUM, 2)),
	CALL("munmap", 4, run_munmap, A("map", MAP, 0), A("offset", PAGES, 0), A("len", PAGES, 0)),
	CALL("mremap", 4, run_mremap, A("map", MAP, 0), A("offset", PAGES, 0), A("old", PAGES, 0),
	     A("len", PAGES, 0), A("to", MAP, 0),
	     A("flags", FLAGS, MREMAP_DONTUNMAP)),
	CALL("madvise", 4, run_madvise, A("map", MAP, 0), A("offset", PAGES, 0),
	     A("len", PAGES, 0), A("advice", ENUM, 15)),
	CALL("mprotect", 4, run_mprotect, A("map", MAP, 0), A("offset", PAGES, 0),
	     A("len", PAGES, 0), A("prot", FLAGS, 7)),
	CALL("mlock", 2, run_mlock, A("map", MAP, 0), A("offset", PAGES, 0), A("len", PAGES, 0),
	     A("unlock", ENUM, 2)),
	CALL("poke", 12, run_poke, A("map", MAP, 0), A("offset", INDEX, 8),
	     A("value", COUNT, 0)),
	CALL("fill", 5, run_fill, A("map", MAP, 0), A("offset", PAGES, 0), A("len", PAGES, 0),
	     A("value", NUMBER, 0)),
	CALL("look", 5, run_look, A("map", MAP, 0), A("offset", PAGES, 0), A("len", PAGES, 0)),
	CALL("vm_write", 2, run_vm_write, A("map", MAP, 0), A("offset", PAGES, 0),
	     A("len", SIZE, 0)),
	CALL("vm_read", 2, run_vm_read, A("map", MAP, 0), A("offset", PAGES, 0),
	     A("len", SIZE, 0)),

	CALL("crowd", 1, run_crowd, A("n", INDEX, 16), A("kind", ENUM, 3)),
	CALL("dup", 5, run_dup, A("fd", FD, FD_CHAN), A("to", NEW, FD_CHAN)),
	CALL("close", 10, run_close, A("fd", FD, FD_ANY)),
	CALL("pipe", 4, run_pipe, A("out", NEW, FD_PIPE), A("in", NEW, FD_PIPE)),
	CALL("eventfd", 5, run_eventfd, A("to", NEW, FD_EVENT),
	     A("flags", FLAGS, EFD_NONBLOCK | EFD_SEMAPHORE)),
	CALL("eventfd_write", 2, run_eventfd_write, A("fd", FD, FD_EVENT), A("value", NUMBER, 0)),
	CALL("memfd", 2, run_memfd, A("to", NEW, FD_MEM)),
	CALL("socketpair", 2, run_socketpair, A("a", NEW, FD_SOCK), A("b", NEW, FD_SOCK)),
	CALL("send_fd", 2, run_send_fd, A("socket", FD, FD_SOCK), A("fd", FD, FD_CHAN)),
	CALL("recv_fd", 2, run_recv_fd, A("socket", FD, FD_SOCK), A("to", NEW, FD_CHAN)),

	CALL("fork", 1, run_fork, A("n", INDEX, 8), A("kill", ENUM, 2)),
	CALL("uid", 5, run_uid, A("uid", ENUM, 3)),
	CALL("netns", 2, run_netns, A("which", ENUM, 2)),
	LOCAL("unshare", 1, run_unshare, A("which", ENUM, 4)),
	LOCAL("nap", 2, run_nap, A("us", NUMBER, 0)),

	CALL("uring", 6, run_uring, A("code", ENUM, 12), A("fd", FD, FD_CHAN),
	     A("at", PTR, AT_SCRATCH), A("len", SIZE, 0), A("flags", FLAGS, 0x3e),
	     A("arg", INDEX, 8), A("id", INDEX, 4), A("wait", ENUM, 2)),
	CALL("uring_buffers", 1, run_uring_buffers, A("at", PTR, AT_MAP), A("len", SIZE, 0)),

	LOCAL("attr", 20, net_attr, A("type", ENUM, __IPCCHAN_A_MAX), A("form", ENUM, 12),
	      A("value", COUNT, 0), A("twist", ZERO, 0)),
	CALL("attr_id", 3, net_attr_id, A("type", ENUM, __IPCCHAN_A_MAX), A("fd", FD, FD_CHAN)),
	LOCAL("nest", 1, net_nest, A("type", ENUM, __IPCCHAN_A_MAX), A("from", INDEX, 256)),
	CALL("netlink", 14, net_send, A("cmd", ENUM, __IPCCHAN_CMD_MAX),
	     A("flags", FLAGS, NL_FLAGS), A("version", ZERO, 0), A("twist", ZERO, 0),
	     A("by", ENUM, 3), A("leave", ENUM, 2)),
	CALL("netlink_recv", 3, net_recv, A("by", ENUM, 3), A("size", SIZE, 0)),
	CALL("netlink_group", 1, net_join, A("leave", ENUM, 2), A("by", ENUM, 3)),
};

const unsigned int nr_ops = sizeof(ops) / sizeof(*ops);
