// SPDX-License-Identifier: GPL-2.0
/* The shared buffer: its pages, its words, what may be mapped. */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "buffer.h"
#include "fixture.h"

static void ipcchan_buffer_sizes(struct kunit *test)
{
	static const struct {
		u64 size;
		unsigned int pages;
	} cases[] = {
		{ 1, 1 }, { PAGE_SIZE - 1, 1 }, { PAGE_SIZE, 1 },
		{ PAGE_SIZE + 1, 2 }, { 2 * PAGE_SIZE, 2 }, { 100000, 25 },
	};
	unsigned int i, page;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipcchan_buf *buf;

		atomic_set(&ipcchan_test_mem.pages, 0);
		buf = ipcchan_buf_create(cases[i].size, 0, 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
		KUNIT_EXPECT_EQ(test, buf->size, cases[i].pages * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_mem.pages),
				(int)cases[i].pages);
		for (page = 0; page < cases[i].pages; page++)
			KUNIT_EXPECT_PTR_EQ(test,
					    memchr_inv(page_address(buf->pages[page]),
						       0, PAGE_SIZE), NULL);
		ipcchan_buf_destroy(buf);
	}
}

static void ipcchan_buffer_words(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_buf_create(3 * PAGE_SIZE, 0, 0);
	u64 offset;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	for (offset = 0; offset < buf->size; offset += sizeof(u32)) {
		u32 *word = ipcchan_buf_word(buf, offset);
		void *page = page_address(buf->pages[offset / PAGE_SIZE]);

		KUNIT_ASSERT_PTR_EQ(test, (void *)word, page + offset % PAGE_SIZE);
	}
	ipcchan_buf_destroy(buf);
}

/* Wild offsets: past the end, with bits beyond 32, or amid a word. */
static void ipcchan_buffer_no_words(struct kunit *test)
{
	static const u64 bad[] = {
		3 * PAGE_SIZE, 3 * PAGE_SIZE + 4, 4 * PAGE_SIZE,
		1ULL << 31, 1ULL << 32, (1ULL << 32) + 4, 1ULL << 44,
		(1ULL << 52) + 4, 1ULL << 63, -(u64)PAGE_SIZE, -4ULL,
		1, 2, 3, 5, PAGE_SIZE - 1, PAGE_SIZE - 2, PAGE_SIZE - 3,
		3 * PAGE_SIZE - 1, 3 * PAGE_SIZE - 3, 3 * PAGE_SIZE + 1,
		U64_MAX, (1ULL << 32) + 1,
	};
	struct ipcchan_buf *buf = ipcchan_buf_create(3 * PAGE_SIZE, 0, 0);
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, ipcchan_buf_word(buf, bad[i]), NULL,
					"offset %llu", bad[i]);
	ipcchan_buf_destroy(buf);
}

/* Put the pages that were kept: nobody else has them. */
static void ipcchan_buffer_expect_freed(struct kunit *test, unsigned int nr)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_mem.pages), (int)nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, page_ref_count(ipcchan_test_mem.kept[i]), 1);
		put_page(ipcchan_test_mem.kept[i]);
	}
}

static void ipcchan_buffer_destroy(struct kunit *test)
{
	struct ipcchan_buf *buf;

	ipcchan_buf_destroy(NULL);
	ipcchan_test_mem.keep_pages = true;
	buf = ipcchan_buf_create(3 * PAGE_SIZE, 0, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, page_ref_count(buf->pages[2]), 2);
	ipcchan_buf_destroy(buf);
	ipcchan_buffer_expect_freed(test, 3);
}

static void ipcchan_buffer_no_list(struct kunit *test)
{
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_buf_create(PAGE_SIZE, 0, 0), ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_mem.pages), 0);
}

/* Out of memory amid the pages: those before are given back. */
static void ipcchan_buffer_no_memory(struct kunit *test)
{
	ipcchan_test_mem.keep_pages = true;
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_PAGE;
	ipcchan_test_mem.pages_left = 3;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_buf_create(5 * PAGE_SIZE, 0, 0),
			    ERR_PTR(-ENOMEM));
	ipcchan_buffer_expect_freed(test, 3);
}

static int ipcchan_buffer_run_killed(struct ipcchan_sleeper *s)
{
	send_sig(SIGKILL, current, 1);
	return PTR_ERR_OR_ZERO(ipcchan_buf_create(PAGE_SIZE, 0, 0));
}

/* Who is killed does not go on allocating. */
static void ipcchan_buffer_killed(struct kunit *test)
{
	struct ipcchan_test *t = test->priv;

	t->sleepers[0].run = ipcchan_buffer_run_killed;
	ipcchan_sleeper_start(test, &t->sleepers[0]);
	KUNIT_EXPECT_EQ(test, ipcchan_sleeper_join(test, &t->sleepers[0]), -EINTR);
	KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_mem.pages), 0);
}

/* An area of @nr pages that begins at page @pgoff of a buffer. */
static struct vm_area_struct ipcchan_buffer_area(unsigned long pgoff,
						 unsigned long nr,
						 unsigned long flags)
{
	return (struct vm_area_struct) {
		.vm_start = PAGE_SIZE,
		.vm_end = (nr + 1) * PAGE_SIZE,
		.vm_pgoff = pgoff,
		.vm_flags = flags | VM_MAYREAD | VM_MAYWRITE,
	};
}

static int ipcchan_buffer_map(struct ipcchan_buf *buf, unsigned long pgoff,
			      unsigned long nr, unsigned long flags,
			      bool writable)
{
	struct vm_area_struct vma = ipcchan_buffer_area(pgoff, nr, flags);
	int err = ipcchan_buf_mmap(buf, &vma, writable);

	/* Whether it can be made writable later. */
	return err ?: !!(vma.vm_flags & VM_MAYWRITE);
}

static void ipcchan_buffer_map_range(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_buf_create(3 * PAGE_SIZE, 0, 0);
	static const struct {
		unsigned long pgoff, nr;
		int result;
	} cases[] = {
		{ 0, 1, 1 }, { 0, 3, 1 }, { 2, 1, 1 }, { 1, 2, 1 },
		{ 0, 4, -EINVAL }, { 1, 3, -EINVAL }, { 2, 2, -EINVAL },
		{ 3, 1, -EINVAL }, { 4, 1, -EINVAL },
		{ ULONG_MAX, 1, -EINVAL }, { ULONG_MAX, 2, -EINVAL },
		{ ULONG_MAX - 1, 3, -EINVAL }, { 1UL << 52, 1, -EINVAL },
		{ 0, 1UL << 51, -EINVAL },
	};
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    ipcchan_buffer_map(buf, cases[i].pgoff,
						       cases[i].nr,
						       VM_SHARED | VM_WRITE, true),
				    cases[i].result, "case %u", i);
	ipcchan_buf_destroy(buf);
}

static void ipcchan_buffer_map_rights(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_buf_create(1, 0, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, ipcchan_buffer_map(buf, 0, 1, VM_SHARED | VM_WRITE,
						 true), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_buffer_map(buf, 0, 1, VM_SHARED, true), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_buffer_map(buf, 0, 1, VM_SHARED, false), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_buffer_map(buf, 0, 1, 0, true), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_buffer_map(buf, 0, 1, VM_SHARED | VM_WRITE,
						 false), -EACCES);
	KUNIT_EXPECT_EQ(test, ipcchan_buffer_map(buf, 0, 1, VM_WRITE, true),
			-EINVAL);
	ipcchan_buf_destroy(buf);
}

/* A fault gives out a reference, and only to what there is. */
static void ipcchan_buffer_fault(struct kunit *test)
{
	struct ipcchan_buf *buf = ipcchan_buf_create(2 * PAGE_SIZE, 0, 0);
	struct vm_area_struct vma = ipcchan_buffer_area(0, 2, VM_SHARED);
	struct vm_fault last = { .vma = &vma, .pgoff = 1 };
	struct vm_fault past = { .vma = &vma, .pgoff = 2 };
	struct vm_fault wild = { .vma = &vma, .pgoff = ULONG_MAX };

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, ipcchan_buf_mmap(buf, &vma, false), 0);
	KUNIT_EXPECT_EQ(test, (__force u32)vma.vm_ops->fault(&last), 0);
	KUNIT_EXPECT_PTR_EQ(test, last.page, buf->pages[1]);
	KUNIT_EXPECT_EQ(test, page_ref_count(buf->pages[1]), 2);
	put_page(last.page);
	KUNIT_EXPECT_EQ(test, (__force u32)vma.vm_ops->fault(&past),
			(__force u32)VM_FAULT_SIGBUS);
	KUNIT_EXPECT_EQ(test, (__force u32)vma.vm_ops->fault(&wild),
			(__force u32)VM_FAULT_SIGBUS);
	ipcchan_buf_destroy(buf);
}

static struct kunit_case ipcchan_buffer_cases[] = {
	KUNIT_CASE(ipcchan_buffer_sizes),
	KUNIT_CASE(ipcchan_buffer_words),
	KUNIT_CASE(ipcchan_buffer_no_words),
	KUNIT_CASE(ipcchan_buffer_destroy),
	KUNIT_CASE(ipcchan_buffer_no_list),
	KUNIT_CASE(ipcchan_buffer_no_memory),
	KUNIT_CASE(ipcchan_buffer_killed),
	KUNIT_CASE(ipcchan_buffer_map_range),
	KUNIT_CASE(ipcchan_buffer_map_rights),
	KUNIT_CASE(ipcchan_buffer_fault),
	{}
};

static struct kunit_suite ipcchan_buffer_suite = {
	.name = "ipcchan_buffer",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_buffer_cases,
};

kunit_test_suite(ipcchan_buffer_suite);
