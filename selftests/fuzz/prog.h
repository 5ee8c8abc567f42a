/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs of the fuzzer: what they are made of, and as text.
 *
 * A program is a row of calls, each of which has a value for each argument that its
 * operation has (struct op).  Values name things instead of being them, a slot for a
 * descriptor, a place for an address, so that a program means the same in each run.
 */
#ifndef FUZZ_PROG_H
#define FUZZ_PROG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROG_CALLS	32
#define OP_ARGS		20
#define THREADS		3
#define FD_SLOTS	16
#define MAP_SLOTS	8
#define FAIL_MAX	40

struct thread;

/* What a descriptor is of, as a set */
#define FD_CHAN		(1U << 0)
#define FD_EVENT	(1U << 1)
#define FD_PIPE		(1U << 2)
#define FD_EPOLL	(1U << 3)
#define FD_SOCK		(1U << 4)
#define FD_MEM		(1U << 5)
#define FD_ANY		0xffU

/**
 * enum arg_kind - what the value of an argument is, and so how one is chosen
 * @ARG_NONE: there is no such argument
 * @ARG_FD: slot of a descriptor; info: FD_* that suit
 * @ARG_NEW: slot that a new one goes to; info: FD_*, what it is
 * @ARG_MAP: slot of a mapping
 * @ARG_PTR: place in memory, see PTR(); info: the region that is meant for it
 * @ARG_FLAGS: info: those that there are
 * @ARG_ENUM: info: how many there are, from 0 on
 * @ARG_INDEX: of an array; info: how many there are to choose from
 * @ARG_SIZE: bytes
 * @ARG_PAGES: bytes, whole pages for the most part
 * @ARG_COUNT: of messages, blocks and such
 * @ARG_NUMBER: any
 * @ARG_NAME: index of a channel's name
 * @ARG_TIME: nanoseconds; with TIME_FROM_NOW, from now on as a time
 * @ARG_ZERO: reserved
 * @ARG_MSG: index of a message header that is copied into a structure
 * @ARG_FD_NUMBER: slot, whose descriptor is put into a structure; zero is none; info: FD_*
 */
enum arg_kind {
	ARG_NONE, ARG_FD, ARG_NEW, ARG_MAP, ARG_PTR, ARG_FLAGS, ARG_ENUM, ARG_INDEX, ARG_SIZE,
	ARG_PAGES, ARG_COUNT, ARG_NUMBER, ARG_NAME, ARG_TIME, ARG_ZERO, ARG_MSG, ARG_FD_NUMBER,
};

#define TIME_FROM_NOW	(1ULL << 60)

/**
 * struct arg - an argument
 * @name: in the text
 * @kind: enum arg_kind
 * @size: bytes of the field of a structure that it is for, or 0
 * @offset: of that field
 * @info: see enum arg_kind
 */
struct arg {
	const char *name;
	uint8_t kind, size;
	uint16_t offset;
	uint64_t info;
};

/**
 * struct op - an operation: a system call, or what prepares one
 * @name: in the text
 * @weight: how often it is chosen, beside the others
 * @local: the kernel's module has nothing to do with it
 * @cmd: of an ioctl; its structure goes to the last argument, an ARG_PTR
 * @size: bytes of its structure, or of what is put in an array
 * @run: carries it out
 * @arg: arguments
 */
struct op {
	const char *name;
	uint8_t weight;
	bool local;
	uint32_t cmd, size;
	long (*run)(struct thread *t, const struct op *op, const uint64_t *a);
	struct arg arg[OP_ARGS];
};

extern const struct op ops[];
extern const unsigned int nr_ops;

struct call {
	uint16_t op;
	uint8_t thread;		/* 0 to THREADS - 1 */
	uint8_t fail;		/* the n-th of its allocations and copies fails, 0 for none */
	uint64_t arg[OP_ARGS];
};

struct prog {
	uint32_t nr;
	uint32_t reserved;
	struct call call[PROG_CALLS];
};

/**
 * enum region - parts of memory
 * @AT_NULL: nothing is there, from address 0 on
 * @AT_DATA: payloads
 * @AT_END: behind which nothing is; offsets count backwards from its end
 * @AT_MSGS: message headers
 * @AT_IOVS: struct iovec
 * @AT_OFFS: offsets of blocks
 * @AT_FDS: numbers of descriptors
 * @AT_RO: can only be read
 * @AT_SCRATCH: of each thread, for structures
 * @AT_KERNEL: the kernel's
 * @AT_ODD: no address at all
 * @AT_MAP: and those that follow: the mappings
 */
enum region {
	AT_NULL, AT_DATA, AT_END, AT_MSGS, AT_IOVS, AT_OFFS, AT_FDS, AT_RO, AT_SCRATCH,
	AT_KERNEL, AT_ODD, AT_MAP,
	AT_NR = AT_MAP + MAP_SLOTS
};

#define PTR_SHIFT		40
#define PTR(region, offset)	((uint64_t)(region) << PTR_SHIFT | (offset))
#define PTR_REGION(ptr)		((unsigned int)((ptr) >> PTR_SHIFT) % AT_NR)
#define PTR_OFFSET(ptr)		((ptr) & ((1ULL << PTR_SHIFT) - 1))

/** op_args() - how many arguments an operation has */
unsigned int op_args(const struct op *op);

/** op_find() - index of the operation of this name, or -1 */
int op_find(const char *name);

/**
 * call_set() - give an argument a value
 * @c: call
 * @name: of the argument, which its operation has
 * @value: for it
 */
void call_set(struct call *c, const char *name, uint64_t value);

/** prog_append() - one more call, which there is room for, with nothing said; returns it */
struct call *prog_append(struct prog *p, const char *name);

/** prog_valid() - whether the indices in a program that comes from elsewhere are good */
bool prog_valid(const struct prog *p);

/**
 * prog_print() - as text: a line a call, without arguments that are 0, and addresses of the
 * beginning of what is meant for them
 * @f: where to
 * @p: program
 */
void prog_print(FILE *f, const struct prog *p);

/**
 * prog_read() - the next program of a text
 * @f: where from; programs end with an empty line
 * @p: out
 *
 * Return: 1; 0 at the end; -EINVAL, after the line that is wrong was told on stderr.
 */
int prog_read(FILE *f, struct prog *p);

#endif /* FUZZ_PROG_H */
