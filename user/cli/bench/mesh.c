// SPDX-License-Identifier: GPL-2.0
/* What the parent of many processes does: before they start, and when all have ended. */
#include "mesh.h"

#include <stdio.h>
#include <sys/mman.h>

static size_t mesh_size(const unsigned int crew[SIDES])
{
	return sizeof(struct mesh) + (crew[0] + crew[1]) * sizeof(struct mesh_part) +
	       (size_t)crew[0] * crew[1] * sizeof(struct mesh_tally);
}

struct mesh *mesh_new(const struct link *link)
{
	const unsigned int *crew = link->crew;
	size_t size = mesh_size(crew);
	struct mesh *m = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (m == MAP_FAILED)
		return NULL;
	m->size = size;
	m->crew[0] = crew[0];
	m->crew[1] = crew[1];
	m->each = link->each;
	m->drops = link->transport->drops;
	m->part = (void *)(m + 1);
	m->taken = (void *)(m->part + crew[0] + crew[1]);
	return m;
}

void mesh_free(struct mesh *m)
{
	if (m)
		munmap(m, m->size);
}

/* The sum of the squares of 0 to n - 1, as far as 64 bits hold it */
static uint64_t squares_below(uint64_t n)
{
	unsigned __int128 last = n ? n - 1 : 0;

	return (uint64_t)(last * (last + 1) * (2 * last + 1) / 6);
}

/* Have the messages of @sender come to @nr receivers, from @first on, each to one of them? */
static bool all_came(const struct mesh *m, unsigned int sender, unsigned int first,
		     unsigned int nr, char *why)
{
	const uint64_t sent = m->part[sender].sent;
	struct mesh_tally came = { 0 };
	char to[32] = "";
	unsigned int i;

	for (i = first; i < first + nr; i++) {
		came.messages += m->taken[(size_t)i * m->crew[0] + sender].messages;
		came.squares += m->taken[(size_t)i * m->crew[0] + sender].squares;
	}
	if (came.messages == sent && came.squares == squares_below(sent))
		return true;
	if (m->drops && came.messages < sent)
		return true;
	if (m->each)
		snprintf(to, sizeof(to), " to receiver %u", first);
	snprintf(why, WHY_SIZE, came.messages == sent ?
		 "%llu messages of sender %u came%s, of the %llu sent, and others twice" :
		 "%llu messages of sender %u came%s, of the %llu sent",
		 (unsigned long long)came.messages, sender, to, (unsigned long long)sent);
	return false;
}

/* Return: messages measured, of one side, which has one process at least */
static uint64_t measured(const struct mesh *m, int side)
{
	const struct mesh_part *part = m->part + (side ? m->crew[0] : 0);
	uint64_t sum = 0;
	unsigned int i = 0;

	do {
		sum += part[i].measured;
	} while (++i < m->crew[side]);
	return sum;
}

static uint64_t last_end(const struct mesh *m)
{
	const struct mesh_part *part = m->part + m->crew[0];
	uint64_t end = 0;
	unsigned int i;

	for (i = 0; i < m->crew[1]; i++)
		if (part[i].at_ns > end)
			end = part[i].at_ns;
	return end;
}

bool mesh_settle(struct run_shared *shared, char *why)
{
	struct mesh *m = shared->mesh;
	unsigned int nr = m->each ? 1 : m->crew[1], sender, first;

	for (sender = 0; sender < m->crew[0]; sender++) {
		first = 0;
		do {
			if (!all_came(m, sender, first, nr, why))
				return false;
			first += nr;
		} while (first < m->crew[1]);
	}
	shared->messages = measured(m, 1);
	if (m->each) {
		shared->messages /= m->crew[1];
		m->lost = measured(m, 0) - shared->messages;
	}
	shared->wall_ns = last_end(m) - atomic_load(&shared->begin[MESH_MEASURED]);
	return true;
}

double mesh_fairness(const struct mesh *m, int side)
{
	const struct mesh_part *part = m->part + (side ? m->crew[0] : 0);
	double sum = 0, squares = 0, each;
	unsigned int i;

	for (i = 0; i < m->crew[side]; i++) {
		each = (double)part[i].measured;
		sum += each;
		squares += each * each;
	}
	return squares > 0 ? sum * sum / (m->crew[side] * squares) : 1;
}
