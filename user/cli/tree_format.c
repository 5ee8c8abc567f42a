// SPDX-License-Identifier: GPL-2.0
/* Channels and who has them open, for people and for programs. */
#include "chan_format.h"
#include "ep_format.h"
#include "tree.h"
#include "words.h"

#define BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

/* What the endpoints of a process with one role have together. */
struct group {
	const struct nl_ep *first;
	uint32_t n;
	uint64_t msgs, lost, loans, loan_bytes;
};

/* @i: of the first endpoint of a channel or a later one; out: past those of this channel. */
static size_t eps_of(const struct tree *tree, size_t i, uint32_t chan, size_t *end)
{
	while (i < tree->n_eps && tree->eps[i].chan < chan)
		i++;
	*end = i;
	while (*end < tree->n_eps && tree->eps[*end].chan == chan)
		++*end;
	return i;
}

static bool is_same(const struct nl_ep *a, const struct nl_ep *b)
{
	return a->pid == b->pid && a->uid == b->uid && ((a->role ^ b->role) & BOTH) == 0;
}

/* Return: whether @eps[@i] is the first of its group. */
static bool group_of(const struct nl_ep *eps, size_t n, size_t i, struct group *group)
{
	*group = (struct group){ .first = &eps[i] };
	for (size_t k = 0; k < n; k++) {
		if (!is_same(&eps[k], &eps[i]))
			continue;
		if (k < i)
			return false;
		group->n++;
		group->msgs += eps[k].msgs;
		group->lost += eps[k].lost;
		group->loans += eps[k].loans;
		group->loan_bytes += eps[k].loan_bytes;
	}
	return true;
}

static const char *arrow(uint32_t role)
{
	switch (role & BOTH) {
	case IPCCHAN_ROLE_SEND:
		return "<-";
	case IPCCHAN_ROLE_RECV:
		return "->";
	default:
		return "<>";
	}
}

static void print_group(const struct group *group, bool numeric, bool stats)
{
	char comm[COMM_TEXT_SIZE], user[USER_TEXT_SIZE], size[SIZE_TEXT_SIZE];
	const struct nl_ep *ep = group->first;

	comm_text(ep->pid, comm);
	user_text(ep->uid, numeric, user);
	printf("  %s ", arrow(ep->role));
	if (ep->pid)
		printf("%u ", ep->pid);
	printf("%s (%s)", *comm ? comm : "?", user);
	if (group->n > 1)
		printf(" x%u", group->n);
	if (stats) {
		size_text(group->loan_bytes, size);
		printf("  queued %llu, lost %llu, blocks %llu (%s)",
		       (unsigned long long)group->msgs, (unsigned long long)group->lost,
		       (unsigned long long)group->loans, size);
	}
	putchar('\n');
}

/* Of one role: the senders stand above the receivers. */
static void print_role(const struct nl_ep *eps, size_t n, uint32_t role, bool numeric,
		       bool stats)
{
	struct group group;

	for (size_t i = 0; i < n; i++)
		if ((eps[i].role & BOTH) == role && group_of(eps, n, i, &group))
			print_group(&group, numeric, stats);
}

static void print_chan(const struct nl_chan *chan, const struct nl_ep *eps, size_t n,
		       bool numeric, bool stats)
{
	char name[NAME_TEXT_SIZE];

	chan_label_text(chan, name);
	printf("%s%s  %s, %u queued\n", name,
	       chan->flags & IPCCHAN_CHAN_UNLINKED ? " (deleted)" : "",
	       word_of(kind_words, chan->kind), chan->msgs);
	print_role(eps, n, IPCCHAN_ROLE_SEND, numeric, stats);
	print_role(eps, n, BOTH, numeric, stats);
	print_role(eps, n, IPCCHAN_ROLE_RECV, numeric, stats);
	if (chan->endpoints > n)
		printf("  ?? %zu more that you may not see\n", chan->endpoints - n);
}

void tree_print(const struct tree *tree, bool numeric, bool stats)
{
	size_t at = 0, end;

	for (size_t i = 0; i < tree->n_chans; i++) {
		at = eps_of(tree, at, tree->chans[i].id, &end);
		print_chan(&tree->chans[i], tree->eps + at, end - at, numeric, stats);
		at = end;
	}
}

static json_t *role_json(const struct nl_ep *eps, size_t n, uint32_t role)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (eps[i].role & role && json_array_append_new(array, ep_json(&eps[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *tree_json(const struct tree *tree)
{
	json_t *array = json_array();
	size_t at = 0, end;

	for (size_t i = 0; i < tree->n_chans; i++) {
		const struct nl_chan *chan = &tree->chans[i];
		char name[NAME_TEXT_SIZE];
		json_t *json;

		at = eps_of(tree, at, chan->id, &end);
		chan_name_text(chan, name);
		json = json_pack("{s:I, s:s?, s:s, s:I, s:I, s:o, s:o}",
				 "id", (json_int_t)chan->id,
				 "name", chan->has_name ? name : NULL,
				 "kind", word_of(kind_words, chan->kind),
				 "queued_msgs", (json_int_t)chan->msgs,
				 "endpoints", (json_int_t)chan->endpoints,
				 "senders", role_json(tree->eps + at, end - at,
						      IPCCHAN_ROLE_SEND),
				 "receivers", role_json(tree->eps + at, end - at,
							IPCCHAN_ROLE_RECV));
		if (json_array_append_new(array, json)) {
			json_decref(array);
			return NULL;
		}
		at = end;
	}
	return array;
}
