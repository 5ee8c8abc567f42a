/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each allocation, and each copy from and to the caller, on the way of a call fails
 * once, on kernels that can be told so: for programs with a fixture `nomem`.  What is copied
 * by get_user() and the like cannot be told to: see nomem_copy_test.c.
 */
#ifndef IPCCHAN_SELFTEST_NOMEM_H
#define IPCCHAN_SELFTEST_NOMEM_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "usage.h"

#define NO_NTH	"this kernel cannot fail the n-th allocation of a task"

static inline void nomem_configure(const char *what, const char *file, const char *value)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", what, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
	close(fd);
}

/* Also those that may sleep, of any size, and without a trace in the log. */
static inline void nomem_configure_all(void)
{
	static const char *const what[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(what); i++) {
		nomem_configure(what[i], "verbose", "0");
		nomem_configure(what[i], "ignore-gfp-wait", "N");
		nomem_configure(what[i], "ignore-gfp-highmem", "N");
		nomem_configure(what[i], "min-order", "0");
	}
}

/*
 * What tells a call of this process to fail: see fail-nth in the kernel's
 * fault-injection.rst.  Return: a descriptor, -1 where there is nothing of the kind.
 */
static inline int nomem_open(void)
{
	int nth = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);

	if (nth >= 0)
		nomem_configure_all();
	return nth;
}

/* From here on the @n-th step of this process fails.  Return: 0 or -errno. */
static inline int nomem_arm(int nth, int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	return write(nth, text, len) == len ? 0 : -EIO;
}

/* Undo nomem_arm().  Return: whether there was no such step. */
static inline bool nomem_disarm(int nth)
{
	char text[16] = "";
	/* To look costs a step, too. */
	bool missed = pread(nth, text, sizeof(text), 0) < 0 || atoi(text);

	while (pwrite(nth, "0", 1, 0) < 0)
		;
	return missed;
}

/* OTHER_ID has no capabilities, 0 all. */
static inline void seteuid_or_abort(uid_t uid)
{
	if (seteuid(uid))
		abort();
}

FIXTURE_DATA(nomem);

/* One kind of call: what it needs, the call itself, and a look at what has become of it. */
struct op {
	void (*prepare)(FIXTURE_DATA(nomem) *self);
	int (*call)(FIXTURE_DATA(nomem) *self);
	/* @ret: what @call returned.  Return: 0, or where something is wrong. */
	int (*check)(FIXTURE_DATA(nomem) *self, int ret);
};

/*
 * @nth: of nomem_open(); @first: the step to begin with; @least: so many of the failures make
 * the call fail, or more; @also: what else than -ENOMEM and -EFAULT it may say then.  A step
 * leaves nothing behind that is counted: once more, it changes nothing.
 */
static inline void every_failure_from(struct __test_metadata *_metadata,
				      FIXTURE_DATA(nomem) *self, int nth, int first,
				      const struct op *op, int least, int also)
{
	bool missed = false, again = false;
	struct usage_trend usage = { 0 };
	int n, ret, refused = 0, rounds = 0;

	/*
	 * Steps that the kernel takes only now and then, for itself, may come before another; one
	 * that comes to stand in the place of the call's own hides that: then all goes anew.
	 */
anew:
	for (n = first; (!missed || again) && n < 1000; n += !again) {
		op->prepare(self);
		ASSERT_EQ(0, nomem_arm(nth, n));
		ret = op->call(self);
		missed = nomem_disarm(nth);
		ASSERT_TRUE(ret >= 0 || ret == -ENOMEM || ret == -EFAULT || ret == also)
			TH_LOG("%d: %d", n, ret);
		refused += ret < 0;
		ASSERT_EQ(0, op->check(self, ret)) TH_LOG("after %d in step %d", ret, n);
		ASSERT_EQ(0, usage_look(&usage)) TH_LOG("after %d in step %d", ret, n);
		again = usage.changes || (!again && !missed && ret >= 0);
	}
	TH_LOG("steps %d to %d, %d refused", first, n - 1, refused);
	if (refused < least && missed && ++rounds < 3) {
		missed = false;
		again = false;
		refused = 0;
		goto anew;
	}
	EXPECT_TRUE(missed);
	EXPECT_LE(least, refused);
}

static inline void every_failure_or(struct __test_metadata *_metadata,
				    FIXTURE_DATA(nomem) *self, int nth, const struct op *op,
				    int least, int also)
{
	every_failure_from(_metadata, self, nth, 1, op, least, also);
}

static inline void every_failure(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
				 int nth, const struct op *op, int least)
{
	every_failure_or(_metadata, self, nth, op, least, -ENOMEM);
}

#endif /* IPCCHAN_SELFTEST_NOMEM_H */
