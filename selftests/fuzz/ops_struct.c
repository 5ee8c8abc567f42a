// SPDX-License-Identifier: GPL-2.0
#include <asm/ioctls.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "abi.h"
#include "mem.h"
#include "names.h"
#include "ops.h"

#define STRUCT_SIZE	256

uint64_t time_value(uint64_t value)
{
	struct timespec now;

	if (!(value & TIME_FROM_NOW) || value >> 61)
		return value;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (value & ~TIME_FROM_NOW) + now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* A header that others may write to meanwhile */
static void message_copy(const struct thread *t, void *to, uint64_t index)
{
	const struct ipcchan_msghdr *h = mem_addr(t, PTR(AT_MSGS, 0));

	memcpy(to, &h[index % MSGS_MAX], sizeof(*h));
}

static void field_put(const struct thread *t, char *to, const struct arg *arg, uint64_t value)
{
	switch (arg->kind) {
	case ARG_NAME:
		memcpy(to, name_of(value), arg->size);
		return;
	case ARG_MSG:
		message_copy(t, to, value);
		return;
	case ARG_PTR:
		value = (uintptr_t)mem_addr(t, value);
		break;
	case ARG_FD:
		value = slot_fd(value);
		break;
	case ARG_FD_NUMBER:
		value = value ? slot_fd(value) : 0;
		break;
	case ARG_TIME:
		value = time_value(value);
		break;
	}
	memcpy(to, &value, arg->size);
}

static void struct_build(const struct thread *t, char *to, const struct op *op,
			 const uint64_t *a)
{
	unsigned int i;

	memset(to, 0, STRUCT_SIZE);
	for (i = 0; i < op_args(op); i++)
		if (op->arg[i].size)
			field_put(t, to + op->arg[i].offset, &op->arg[i], a[i]);
}

/* fd ... at */
long run_ioctl(struct thread *t, const struct op *op, const uint64_t *a)
{
	void *at = mem_addr(t, a[op_args(op) - 1]);
	char s[STRUCT_SIZE];

	struct_build(t, s, op, a);
	mem_put(t, at, s, op->size);
	return ioctl(slot_fd(a[0]), op->cmd, at);
}

/* fd cmd twist at: bits of a command that are others than they should be */
long run_any_ioctl(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const uint32_t others[] = {
		FIONREAD, FIONBIO, FIOASYNC, FIOCLEX, FIONCLEX, FIOQSIZE, TCGETS, TIOCOUTQ,
	};
	const unsigned int nr = sizeof(others) / sizeof(*others);
	unsigned long cmd;

	(void)op;
	cmd = a[1] % 4 ? ops[a[1] / 4 % nr_ops].cmd : others[a[1] / 4 % nr];
	return ioctl(slot_fd(a[0]), cmd ^ (uint32_t)a[2], mem_addr(t, a[3]));
}

/* to n ...: at this place of an array, n times (at least once) */
long run_store(struct thread *t, const struct op *op, const uint64_t *a)
{
	char *at = mem_addr(t, a[0]), s[STRUCT_SIZE];
	unsigned int i;

	struct_build(t, s, op, a);
	for (i = 0; i <= a[1] % 16; i++)
		mem_put(t, at + i * op->size, s, op->size);
	return 0;
}

/* at fd: the number of a descriptor */
long run_store_fd(struct thread *t, const struct op *op, const uint64_t *a)
{
	int fd = slot_fd(a[1]);

	(void)op;
	mem_put(t, mem_addr(t, a[0]), &fd, sizeof(fd));
	return 0;
}
