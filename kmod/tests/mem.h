/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_TEST_MEM_H
#define _IPCCHAN_TEST_MEM_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/*
 * The allocators as the objects under test see them.  The linker leads each call
 * from the test module through a __wrap_ function (Kbuild), so that the objects
 * need no hooks: they are those of ipcchan.ko.
 */
enum ipcchan_test_refuse {
	IPCCHAN_REFUSE_CACHE = 1 << 0,	/* a slab cache */
	IPCCHAN_REFUSE_OBJECT = 1 << 1,	/* one object of a cache */
	IPCCHAN_REFUSE_BATCH = 1 << 2,	/* many of a cache */
	IPCCHAN_REFUSE_KMALLOC = 1 << 3,	/* or kvmalloc() */
	IPCCHAN_REFUSE_VMALLOC = 1 << 4,
	IPCCHAN_REFUSE_PAGE = 1 << 5,
};

/**
 * struct ipcchan_test_mem - what is counted and what is refused
 * @objects: of all slab caches, not given back yet
 * @pieces: of kmalloc(), vmalloc() and kvmalloc(), not freed yet
 * @batches: batches taken out of a slab cache
 * @pages: single pages allocated
 * @refuse: enum ipcchan_test_refuse
 * @pages_left: with REFUSE_PAGE, grant so many before
 * @keep_pages: take another reference to each page, into @kept
 * @kept: pages that the test has to put
 */
struct ipcchan_test_mem {
	atomic_t objects;
	atomic_t pieces;
	atomic_t batches;
	atomic_t pages;
	unsigned int refuse;
	unsigned int pages_left;
	bool keep_pages;
	struct page *kept[8];
};

extern struct ipcchan_test_mem ipcchan_test_mem;

static inline int ipcchan_test_objects(void)
{
	return atomic_read(&ipcchan_test_mem.objects);
}

static inline int ipcchan_test_pieces(void)
{
	return atomic_read(&ipcchan_test_mem.pieces);
}

static inline int ipcchan_test_batches(void)
{
	return atomic_read(&ipcchan_test_mem.batches);
}

struct kmem_cache *__real_kmem_cache_create(const char *name, unsigned int size,
					    unsigned int align,
					    slab_flags_t flags,
					    void (*ctor)(void *));
struct kmem_cache *__wrap_kmem_cache_create(const char *name, unsigned int size,
					    unsigned int align,
					    slab_flags_t flags,
					    void (*ctor)(void *));
struct kmem_cache *
__real_kmem_cache_create_usercopy(const char *name, unsigned int size,
				  unsigned int align, slab_flags_t flags,
				  unsigned int useroffset, unsigned int usersize,
				  void (*ctor)(void *));
struct kmem_cache *
__wrap_kmem_cache_create_usercopy(const char *name, unsigned int size,
				  unsigned int align, slab_flags_t flags,
				  unsigned int useroffset, unsigned int usersize,
				  void (*ctor)(void *));
void *__real_kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
void *__wrap_kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
int __real_kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp, size_t nr,
				 void **p);
int __wrap_kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp, size_t nr,
				 void **p);
void __real_kmem_cache_free(struct kmem_cache *s, void *p);
void __wrap_kmem_cache_free(struct kmem_cache *s, void *p);
void __real_kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **p);
void __wrap_kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **p);
void *__real___kmalloc(size_t size, gfp_t gfp);
void *__wrap___kmalloc(size_t size, gfp_t gfp);
void *__real_kmalloc_trace(struct kmem_cache *s, gfp_t gfp, size_t size);
void *__wrap_kmalloc_trace(struct kmem_cache *s, gfp_t gfp, size_t size);
void __real_kfree(const void *p);
void __wrap_kfree(const void *p);
void *__real___vmalloc(unsigned long size, gfp_t gfp);
void *__wrap___vmalloc(unsigned long size, gfp_t gfp);
void *__real_kvmalloc_node(size_t size, gfp_t gfp, int node);
void *__wrap_kvmalloc_node(size_t size, gfp_t gfp, int node);
void __real_kvfree(const void *p);
void __wrap_kvfree(const void *p);
#ifdef CONFIG_NUMA
struct page *__real_alloc_pages(gfp_t gfp, unsigned int order);
struct page *__wrap_alloc_pages(gfp_t gfp, unsigned int order);
#else
struct page *__real___alloc_pages(gfp_t gfp, unsigned int order, int nid,
				  nodemask_t *nodes);
struct page *__wrap___alloc_pages(gfp_t gfp, unsigned int order, int nid,
				  nodemask_t *nodes);
#endif

#endif /* _IPCCHAN_TEST_MEM_H */
