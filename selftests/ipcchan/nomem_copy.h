/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of the caller that ends, or that may not be written from there on, at each place
 * where it could in the course of a call: one after the other, each copy from and to the
 * caller fails, also those that no kernel can be told to fail.  For programs with a fixture
 * `copy`.
 */
#ifndef IPCCHAN_SELFTEST_NOMEM_COPY_H
#define IPCCHAN_SELFTEST_NOMEM_COPY_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness.h"
#include "place.h"
#include "usage.h"

/**
 * struct memory - the caller's
 * @area: three pages, in the first of which it begins
 * @object: what is in it before each call
 * @size: bytes of that
 */
struct memory {
	char *area;
	char object[1024];
	size_t size;
};

static inline void memory_init(struct memory *m)
{
	m->area = mmap(NULL, 3 * page_size(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->area == MAP_FAILED)
		abort();
}

static inline void memory_put(struct memory *m, const void *object, size_t size)
{
	if (size > sizeof(m->object))
		abort();
	memcpy(m->object, object, size);
	m->size = size;
}

/* Return: where it begins, of which @k bytes are as they should be, and the rest is @prot. */
static inline char *memory_place(struct memory *m, size_t k, int prot)
{
	size_t page = page_size();
	char *at = m->area + page - k;

	if (mprotect(m->area, 3 * page, PROT_READ | PROT_WRITE))
		abort();
	memcpy(at, m->object, m->size);
	if (mprotect(m->area + page, 2 * page, prot))
		abort();
	return at;
}

FIXTURE_DATA(copy);

/* One kind of call; @prepare has put what it needs into the memory that it is given. */
struct op {
	const char *name;
	void (*prepare)(FIXTURE_DATA(copy) *self);
	int (*call)(FIXTURE_DATA(copy) *self, char *at);
	/* @ret: what @call returned.  Return: 0, or where something is wrong. */
	int (*check)(FIXTURE_DATA(copy) *self, int ret);
};

/* With all of its memory it succeeds; it leaves nothing behind that is counted. */
static inline void every_end(struct __test_metadata *_metadata, FIXTURE_DATA(copy) *self,
			     struct memory *m, const struct op *op, int prot)
{
	struct usage_trend usage = { 0 };
	int ret, refused = 0;
	size_t k, size = 1;

	for (k = 0; k <= size; k += usage.changes ? 0 : size % 4 ? 1 : 4) {
		op->prepare(self);
		size = m->size;
		ret = op->call(self, memory_place(m, k, prot));
		ASSERT_TRUE(ret >= 0 || ret == -EFAULT) TH_LOG("%s, %zu: %d", op->name, k, ret);
		ASSERT_TRUE(k < size || ret >= 0) TH_LOG("%s: %d", op->name, ret);
		refused += ret < 0;
		ASSERT_EQ(0, op->check(self, ret))
			TH_LOG("%s: %d after %zu bytes, then %d", op->name, ret, k, prot);
		ASSERT_EQ(0, usage_look(&usage)) TH_LOG("%s, %zu", op->name, k);
	}
	EXPECT_TRUE(refused || prot != PROT_NONE) TH_LOG("%s", op->name);
}

static inline void every_op(struct __test_metadata *_metadata, FIXTURE_DATA(copy) *self,
			    struct memory *m, const struct op *ops, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		every_end(_metadata, self, m, ops + i, PROT_NONE);
		every_end(_metadata, self, m, ops + i, PROT_READ);
	}
}

#endif /* IPCCHAN_SELFTEST_NOMEM_COPY_H */
