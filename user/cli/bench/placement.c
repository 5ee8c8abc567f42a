// SPDX-License-Identifier: GPL-2.0
#include "placement.h"

#include <errno.h>
#include <hwloc.h>
#include <sched.h>
#include <stddef.h>

static const struct {
	const char *name;
	const char *missing;
} kinds[PLACE_NR] = {
	[PLACE_SAME] = { "same", "no CPU" },
	[PLACE_SMT] = { "smt", "no two CPUs here are threads of one core" },
	[PLACE_CACHE] = { "cache", "no two cores here share a cache" },
	[PLACE_FAR] = { "far", "no two cores here are without a shared cache" },
	[PLACE_FREE] = { "free", "no CPU" },
	[PLACE_BETWEEN] = { "between", "only a probe finds this" },
	[PLACE_REMOTE] = { "remote", "only --connect has another host" },
};

const char *placement_name(enum placement_kind kind)
{
	return kinds[kind].name;
}

const char *placement_missing(enum placement_kind kind)
{
	return kinds[kind].missing;
}

/* The smallest cache that holds both, NULL for none */
static hwloc_obj_t shared_cache(hwloc_obj_t a, hwloc_obj_t b)
{
	hwloc_obj_t obj;

	for (obj = a->parent; obj; obj = obj->parent)
		if (hwloc_obj_type_is_dcache(obj->type) &&
		    hwloc_bitmap_isset(obj->cpuset, b->os_index))
			return obj;
	return NULL;
}

static hwloc_obj_t above(hwloc_topology_t topo, hwloc_obj_t pu, hwloc_obj_type_t type)
{
	return hwloc_get_ancestor_obj_by_type(topo, type, pu);
}

static bool same_node(hwloc_obj_t a, hwloc_obj_t b)
{
	return hwloc_bitmap_isequal(a->nodeset, b->nodeset);
}

/*
 * How well a pair stands for a kind; 0 when it is not of that kind.  The
 * closest pair is the best for PLACE_CACHE, the remotest for PLACE_FAR.
 */
static unsigned int rate_pair(hwloc_topology_t topo, enum placement_kind kind,
			      hwloc_obj_t a, hwloc_obj_t b)
{
	hwloc_obj_t core = above(topo, a, HWLOC_OBJ_CORE);
	bool same_core = core && core == above(topo, b, HWLOC_OBJ_CORE);
	hwloc_obj_t cache = shared_cache(a, b);

	switch (kind) {
	case PLACE_SMT:
		return same_core;
	case PLACE_CACHE:
		return !same_core && cache ? 1 + (unsigned int)cache->depth : 0;
	case PLACE_FAR:
		if (same_core || cache)
			return 0;
		return 1 + !same_node(a, b) +
		       (above(topo, a, HWLOC_OBJ_PACKAGE) !=
			above(topo, b, HWLOC_OBJ_PACKAGE));
	default:
		return 0;
	}
}

/* Of equal pairs the one with the highest numbers: CPU 0 has the interrupts */
static void find_pair(hwloc_topology_t topo, hwloc_const_cpuset_t may,
		      struct placement *place)
{
	unsigned int best = 0, rating;
	hwloc_obj_t a = NULL, b;

	while ((a = hwloc_get_next_obj_inside_cpuset_by_type(topo, may,
							     HWLOC_OBJ_PU, a))) {
		b = NULL;
		while ((b = hwloc_get_next_obj_inside_cpuset_by_type(topo, may,
								     HWLOC_OBJ_PU, b)) && b != a) {
			rating = rate_pair(topo, place->kind, a, b);
			if (rating < best || !rating)
				continue;
			best = rating;
			place->cpu[0] = (int)b->os_index;
			place->cpu[1] = (int)a->os_index;
		}
	}
	place->present = best > 0;
}

int placement_find_all(struct placement found[PLACE_NR])
{
	hwloc_topology_t topo;
	hwloc_bitmap_t may;
	int kind, cpus = -ENOMEM;

	if (hwloc_topology_init(&topo))
		return -ENOMEM;
	may = hwloc_bitmap_alloc();
	if (!may || hwloc_topology_load(topo))
		goto out;
	if (hwloc_get_cpubind(topo, may, HWLOC_CPUBIND_PROCESS)) {
		cpus = -errno;
		goto out;
	}
	for (kind = 0; kind < PLACE_NR; kind++) {
		found[kind] = (struct placement){ .kind = (enum placement_kind)kind,
						  .cpu = { -1, -1 } };
		find_pair(topo, may, &found[kind]);
	}
	found[PLACE_SAME].cpu[0] = hwloc_bitmap_last(may);
	found[PLACE_SAME].cpu[1] = hwloc_bitmap_last(may);
	found[PLACE_SAME].present = true;
	found[PLACE_FREE].present = true;
	cpus = hwloc_bitmap_weight(may);
out:
	hwloc_bitmap_free(may);
	hwloc_topology_destroy(topo);
	return cpus;
}

int placement_pin(const struct placement *placement, int side)
{
	int cpu = placement->cpu[side], err = 0;
	cpu_set_t *set;
	size_t size;

	if (cpu < 0)
		return 0;
	set = CPU_ALLOC((size_t)cpu + 1);
	if (!set)
		return -ENOMEM;
	size = CPU_ALLOC_SIZE((size_t)cpu + 1);
	CPU_ZERO_S(size, set);
	CPU_SET_S((size_t)cpu, size, set);
	if (sched_setaffinity(0, size, set))
		err = -errno;
	CPU_FREE(set);
	return err;
}
