// SPDX-License-Identifier: GPL-2.0
/* The allocators between the objects under test and the kernel. */

#include <linux/mm.h>

#include "mem.h"

struct ipcchan_test_mem ipcchan_test_mem;

static bool ipcchan_refuses(enum ipcchan_test_refuse what)
{
	return READ_ONCE(ipcchan_test_mem.refuse) & what;
}

/* A cache's name stands in sysfs, where ipcchan.ko may have its own. */
struct kmem_cache *__wrap_kmem_cache_create(const char *name, unsigned int size,
					    unsigned int align,
					    slab_flags_t flags,
					    void (*ctor)(void *))
{
	if (ipcchan_refuses(IPCCHAN_REFUSE_CACHE))
		return NULL;
	return __real_kmem_cache_create("ipcchan_kunit", size, align, flags,
					ctor);
}

struct kmem_cache *
__wrap_kmem_cache_create_usercopy(const char *name, unsigned int size,
				  unsigned int align, slab_flags_t flags,
				  unsigned int useroffset, unsigned int usersize,
				  void (*ctor)(void *))
{
	if (ipcchan_refuses(IPCCHAN_REFUSE_CACHE))
		return NULL;
	return __real_kmem_cache_create_usercopy("ipcchan_kunit_usercopy", size,
						 align, flags, useroffset,
						 usersize, ctor);
}

void *__wrap_kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *p = NULL;

	if (!ipcchan_refuses(IPCCHAN_REFUSE_OBJECT))
		p = __real_kmem_cache_alloc(s, gfp);
	if (p)
		atomic_inc(&ipcchan_test_mem.objects);
	return p;
}

int __wrap_kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp, size_t nr,
				 void **p)
{
	int got = 0;

	if (!ipcchan_refuses(IPCCHAN_REFUSE_BATCH))
		got = __real_kmem_cache_alloc_bulk(s, gfp, nr, p);
	if (got) {
		atomic_inc(&ipcchan_test_mem.batches);
		atomic_add(got, &ipcchan_test_mem.objects);
	}
	return got;
}

void __wrap_kmem_cache_free(struct kmem_cache *s, void *p)
{
	atomic_dec(&ipcchan_test_mem.objects);
	__real_kmem_cache_free(s, p);
}

void __wrap_kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **p)
{
	atomic_sub(nr, &ipcchan_test_mem.objects);
	__real_kmem_cache_free_bulk(s, nr, p);
}

static void *ipcchan_test_piece(void *p)
{
	if (p)
		atomic_inc(&ipcchan_test_mem.pieces);
	return p;
}

void *__wrap___kmalloc(size_t size, gfp_t gfp)
{
	if (ipcchan_refuses(IPCCHAN_REFUSE_KMALLOC))
		return NULL;
	return ipcchan_test_piece(__real___kmalloc(size, gfp));
}

/* One whose size the compiler knows. */
void *__wrap_kmalloc_trace(struct kmem_cache *s, gfp_t gfp, size_t size)
{
	if (ipcchan_refuses(IPCCHAN_REFUSE_KMALLOC))
		return NULL;
	return ipcchan_test_piece(__real_kmalloc_trace(s, gfp, size));
}

void __wrap_kfree(const void *p)
{
	if (p)
		atomic_dec(&ipcchan_test_mem.pieces);
	__real_kfree(p);
}

void *__wrap___vmalloc(unsigned long size, gfp_t gfp)
{
	if (ipcchan_refuses(IPCCHAN_REFUSE_VMALLOC))
		return NULL;
	return ipcchan_test_piece(__real___vmalloc(size, gfp));
}

void *__wrap_kvmalloc_node(size_t size, gfp_t gfp, int node)
{
	if (ipcchan_refuses(IPCCHAN_REFUSE_KMALLOC))
		return NULL;
	return ipcchan_test_piece(__real_kvmalloc_node(size, gfp, node));
}

void __wrap_kvfree(const void *p)
{
	if (p)
		atomic_dec(&ipcchan_test_mem.pieces);
	__real_kvfree(p);
}

static bool ipcchan_test_page_granted(void)
{
	if (!ipcchan_refuses(IPCCHAN_REFUSE_PAGE))
		return true;
	return ipcchan_test_mem.pages_left && ipcchan_test_mem.pages_left--;
}

static struct page *ipcchan_test_page(struct page *page)
{
	unsigned int nr = atomic_inc_return(&ipcchan_test_mem.pages) - 1;

	if (page && ipcchan_test_mem.keep_pages &&
	    nr < ARRAY_SIZE(ipcchan_test_mem.kept)) {
		get_page(page);
		ipcchan_test_mem.kept[nr] = page;
	}
	return page;
}

#ifdef CONFIG_NUMA
struct page *__wrap_alloc_pages(gfp_t gfp, unsigned int order)
{
	if (!ipcchan_test_page_granted())
		return NULL;
	return ipcchan_test_page(__real_alloc_pages(gfp, order));
}
#else
struct page *__wrap___alloc_pages(gfp_t gfp, unsigned int order, int nid,
				  nodemask_t *nodes)
{
	if (!ipcchan_test_page_granted())
		return NULL;
	return ipcchan_test_page(__real___alloc_pages(gfp, order, nid, nodes));
}
#endif
