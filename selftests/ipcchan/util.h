/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ipcchan selftests share.  Unless said otherwise a function returns
 * what the system call returned, or -errno, and may be called from any process
 * or thread.
 *
 * Linking util.c makes a program that finds no module print one skipped test
 * and exit with 4 before its main() is reached.
 */
#ifndef IPCCHAN_SELFTEST_UTIL_H
#define IPCCHAN_SELFTEST_UTIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ipcchan.h>

/* A uid and gid that own nothing and have no capability. */
#define OTHER_ID	54321

/* child_wait() reports a child that died of signal n as this plus n. */
#define CHILD_SIGNALED	256

/**
 * dev_open() - open /dev/ipcchan without attaching
 * @oflags: of open(2); O_CLOEXEC is added
 */
int dev_open(int oflags);

/** do_ioctl() - ioctl(2) with the error in the return value */
int do_ioctl(int fd, unsigned long cmd, void *arg);

/**
 * chan_open() - open /dev/ipcchan and attach it as @req says
 * @req: a role of 0 is replaced by the one @oflags allow; its name and the
 *	limits are taken as they are
 */
int chan_open(int oflags, const struct ipcchan_attach *req);

/**
 * chan_anon() - a new anonymous channel, open for reading and writing
 * @limits: its limits, NULL for the defaults
 */
int chan_anon(const struct ipcchan_attach *limits);

/** chan_named() - attach to a named channel; @flags are IPCCHAN_ATTACH_* */
int chan_named(const char *name, int oflags, uint32_t flags);

/** chan_peer() - a second endpoint of the channel that @fd is attached to */
int chan_peer(int fd, int oflags);

/** chan_unlink() - remove a name */
int chan_unlink(const char *name);

/** chan_info() - IPCCHAN_IOC_INFO */
int chan_info(int fd, struct ipcchan_info *info);

/** chan_msgs() - messages queued now */
int chan_msgs(int fd);

/** chan_next() - FIONREAD: bytes of the next message, 0 if none */
int chan_next(int fd);

/** msg_send() - write(2) */
ssize_t msg_send(int fd, const void *buf, size_t len);

/** msg_recv() - read(2) */
ssize_t msg_recv(int fd, void *buf, size_t len);

/** msg_send_u32() - send @value as a message of 4 bytes; 0 or -errno */
int msg_send_u32(int fd, uint32_t value);

/** msg_recv_u32() - receive what msg_send_u32() sent; -EBADMSG when it is none */
int64_t msg_recv_u32(int fd);

/** xfer_send() - IPCCHAN_IOC_SEND of @count headers; @timeout_ns as in struct ipcchan_xfer */
int xfer_send(int fd, struct ipcchan_msghdr *msgs, uint32_t count, uint32_t flags,
	      int64_t timeout_ns);

/** xfer_recv() - IPCCHAN_IOC_RECV, likewise */
int xfer_recv(int fd, struct ipcchan_msghdr *msgs, uint32_t count, uint32_t flags,
	      int64_t timeout_ns);

/**
 * label_send() - send @value as msg_send_u32() does, with a priority and a type
 * @flags: IPCCHAN_XFER_*
 */
int label_send(int fd, uint32_t value, uint32_t prio, uint32_t type, uint32_t flags);

/**
 * label_recv() - receive what label_send() sent
 * @h: out, the header as received, may be NULL
 *
 * Return: the value; -ENODATA at end of file; -EBADMSG when it is none.
 */
int64_t label_recv(int fd, struct ipcchan_msghdr *h, uint32_t flags);

/** chan_filter() - IPCCHAN_IOC_FILTER: @type -1 for any, no watermark */
int chan_filter(int fd, int64_t type, uint32_t min_prio);

/** poll_now() - what poll(2) says at once, or -errno */
int poll_now(int fd, short events);

/** set_nonblock() - set or clear O_NONBLOCK */
int set_nonblock(int fd, bool on);

/** unique_name() - a channel name that nobody else uses; one process at a time */
void unique_name(char name[IPCCHAN_NAME_SIZE]);

/**
 * child_fork() - fork(2) a child that is killed when the calling thread ends
 *
 * The child must leave with _exit().
 */
pid_t child_fork(void);

/**
 * child_wait() - reap a child
 *
 * Return: its exit status, CHILD_SIGNALED + the signal, or -errno.
 */
int child_wait(pid_t pid);

/**
 * child_send() - a child that sends with label_send() and exits with 0 or the errno
 *
 * Return: its pid, once it sleeps there.
 */
pid_t child_send(int fd, uint32_t value, uint32_t prio, uint32_t type);

/**
 * child_recv() - a child that receives with label_recv() and exits with the value,
 * which is less than CHILD_ERROR, or CHILD_ERROR and the errno
 *
 * Return: its pid, once it sleeps there.
 */
pid_t child_recv(int fd);

#define CHILD_ERROR	100

/** child_kill() - kill a child with SIGKILL and reap it */
void child_kill(pid_t pid);

/**
 * as_other() - call @fn in a child with uid and gid OTHER_ID, no groups and no
 * capabilities
 * @fn: returns 0 or -errno; may call dev_open() once for each access mode,
 *	whatever the mode of the device
 *
 * Return: what @fn returned, or -ECHILD when the child died of a signal.
 */
int as_other(int (*fn)(const void *arg), const void *arg);

/**
 * wait_blocked() - wait until a thread sleeps in a system call
 * @tid: of a thread of this process, or the pid of a child
 * @nr: SYS_*, the number of the call
 *
 * Return: false when it does not within 10 s.
 */
bool wait_blocked(pid_t tid, long nr);

/** is_blocked() - whether that is so now */
bool is_blocked(pid_t tid, long nr);

/** wait_asleep() - wait until a process sleeps, be it of another user; false as above */
bool wait_asleep(pid_t pid);

/** now_ns() - CLOCK_MONOTONIC, nanoseconds */
uint64_t now_ns(void);

/** sleep_ms() - sleep for at least so many milliseconds, whatever the signals */
void sleep_ms(unsigned int ms);

/**
 * on_signal() - let @signo do nothing but interrupt
 * @flags: of sigaction(2), 0 or SA_RESTART
 */
void on_signal(int signo, int flags);

/** signals_seen() - how many signals on_signal()'s handler has counted */
int signals_seen(void);

/**
 * bad_page() - an address of a page that no access is allowed to
 *
 * The page before it may be read and written, so that an object can be put
 * across the boundary.
 */
char *bad_page(void);

/** run_on() - keep the caller and its later children on this CPU, which there is */
void run_on(int cpu);

/**
 * stay_on_cpu() - keep the caller and its later children on the CPU it runs on
 *
 * A wake-up across CPUs costs an emulator dearly; what is to be done a million
 * times is done on one.
 */
void stay_on_cpu(void);

/**
 * test_scale() - @full scaled by IPCCHAN_TEST_SCALE percent (100 when unset)
 *
 * Return: at least 1.
 */
uint32_t test_scale(uint32_t full);

/**
 * test_goes_on() - until its time is over, and it has done enough, if it ever will
 * @end: of its time, as now_ns()
 *
 * Return: whether.
 */
bool test_goes_on(uint64_t end, bool enough);

/** test_slow() - is this a kernel where time tells nothing? (IPCCHAN_TEST_SLOW is set) */
bool test_slow(void);

#endif /* IPCCHAN_SELFTEST_UTIL_H */
