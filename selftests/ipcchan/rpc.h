/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of the selftests: requests and replies are a number each. */
#ifndef IPCCHAN_SELFTEST_RPC_H
#define IPCCHAN_SELFTEST_RPC_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct taken - a request
 * @call: to reply to
 * @value: of it
 * @room: bytes of reply
 * @replied: as struct ipcchan_serve says
 */
struct taken {
	uint64_t call;
	uint32_t value;
	uint32_t room;
	uint32_t replied;
};

/** rpc_call() - IPCCHAN_IOC_CALL; the reply, or -errno */
int64_t rpc_call(int fd, uint32_t value, int64_t timeout_ns);

/** rpc_take() - IPCCHAN_IOC_SERVE for the next one; @flags are IPCCHAN_SERVE_* */
int rpc_take(int fd, struct taken *t, uint32_t flags);

/** rpc_reply() - IPCCHAN_IOC_SERVE with a reply */
int rpc_reply(int fd, uint64_t call, uint32_t value);

/** rpc_error() - likewise, with an error */
int rpc_error(int fd, uint64_t call, uint32_t error);

/**
 * rpc_reply_take() - reply to @t, and take the next into it, in one call
 * @value: of the reply
 */
int rpc_reply_take(int fd, struct taken *t, uint32_t value, uint32_t flags);

/**
 * start_call() - a child that calls and exits with the reply, which is less than
 * CHILD_ERROR, or CHILD_ERROR and the errno
 *
 * Return: its pid, once it sleeps there.
 */
pid_t start_call(int fd, uint32_t value, uint32_t prio);

/** start_typed_call() - likewise, with a type */
pid_t start_typed_call(int fd, uint32_t value, uint32_t type);

/** start_adder() - a child that answers each request with its value and 1 */
pid_t start_adder(int fd);

#endif /* IPCCHAN_SELFTEST_RPC_H */
