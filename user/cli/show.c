// SPDX-License-Identifier: GPL-2.0
/* ipcchan show: all there is to know about one channel. */
#include <errno.h>
#include <stdlib.h>

#include "chan_format.h"
#include "cli.h"
#include "ep_format.h"
#include "times.h"
#include "view.h"
#include "words.h"

struct show_args {
	struct chan_ref ref;
	struct view view;
};

/* What is asked for beside the channel itself. */
struct details {
	struct nl_times times;
	struct nl_ep *eps;
	struct nl_loan *loans;
	size_t n_eps, n_loans;
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct show_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case ARGP_KEY_ARG:
		chan_ref_arg(&args->ref, state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name or the id of a channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp show_argp = {
	.parser = parse_opt,
	.args_doc = CHAN_REF_DOC,
	.doc = "Show limits, state, counters, endpoints and blocks of one channel, and "
	       "how long messages were queued, where that is recorded; with --stats, how "
	       "many for how long."
	       "\vA number is first looked up as a name, then as an id.  Who may not see all "
	       "endpoints and blocks sees its own.",
	.children = view_stats,
};

static void print_bytes(const char *title, uint64_t bytes)
{
	char text[SIZE_TEXT_SIZE];

	size_text(bytes, text);
	if (bytes < 1024)
		printf("%-16s%s\n", title, text);
	else
		printf("%-16s%s (%llu bytes)\n", title, text,
		       (unsigned long long)bytes);
}

static void print_buffer(const struct nl_chan *chan)
{
	if (!chan->buf_size) {
		printf("shared buffer   none\n");
		return;
	}
	print_bytes("shared buffer", chan->buf_size);
	if (chan->buf_flags & IPCCHAN_BUF_HUGE)
		print_bytes("in huge pages", chan->buf_huge);
	if (chan->buf_flags & IPCCHAN_BUF_NODE)
		printf("of NUMA node    %u\n", chan->buf_node);
	if (chan->options & IPCCHAN_OPT_LOANS)
		print_bytes("in blocks", chan->buf_used);
}

static void print_pool(const struct nl_chan *chan)
{
	if (!chan->pool_size)
		return;
	print_bytes("receiver's pool", chan->pool_size);
	print_bytes("in blocks", chan->pool_used);
}

static void print_stats(const struct nl_chan *chan)
{
	const uint64_t *s = chan->stats;

	printf("sent            %llu messages, %llu bytes; senders waited %llu times\n",
	       (unsigned long long)s[IPCCHAN_A_STATS_SENT],
	       (unsigned long long)s[IPCCHAN_A_STATS_SENT_BYTES],
	       (unsigned long long)s[IPCCHAN_A_STATS_SEND_WAITS]);
	printf("received        %llu messages, %llu bytes; receivers waited %llu times\n",
	       (unsigned long long)s[IPCCHAN_A_STATS_RECEIVED],
	       (unsigned long long)s[IPCCHAN_A_STATS_RECEIVED_BYTES],
	       (unsigned long long)s[IPCCHAN_A_STATS_RECV_WAITS]);
	printf("handed over     %llu messages without being queued\n",
	       (unsigned long long)s[IPCCHAN_A_STATS_HANDOVERS]);
	printf("wake-ups        %llu\n",
	       (unsigned long long)s[IPCCHAN_A_STATS_WAKEUPS]);
	if (chan->kind == IPCCHAN_KIND_BROADCAST)
		printf("lost            %llu messages, by receivers that had no room\n",
		       (unsigned long long)s[IPCCHAN_A_STATS_LOST]);
}

static void print_options(const struct nl_chan *chan)
{
	char options[OPTIONS_TEXT_SIZE], spin[SIZE_TEXT_SIZE];

	chan_options_text(chan, options);
	time_text(chan->spin_ns, spin);
	printf("options         %s\n", chan->options ? options : "none");
	if (chan->kind == IPCCHAN_KIND_BROADCAST)
		printf("slow receivers  %s\n", word_of(slow_words, chan->slow));
	printf("spin            %s\n", chan->spin_ns ? spin : "none");
}

static void print_quantile(const char *title, uint64_t ns)
{
	char text[SIZE_TEXT_SIZE];

	time_text(ns, text);
	printf(", %s %s", title, text);
}

static void print_buckets(const struct nl_times *times)
{
	for (unsigned int i = 0; i < IPCCHAN_TIME_BUCKETS; i++) {
		char from[SIZE_TEXT_SIZE];

		time_text(times_from_ns(i), from);
		if (times->buckets[i])
			printf("  from %-10s %llu\n", from,
			       (unsigned long long)times->buckets[i]);
	}
}

static void print_times(const struct nl_chan *chan, const struct nl_times *times,
			bool buckets)
{
	struct times_sum sum;

	if (!chan->times) {
		printf("time in queue   not recorded\n");
		return;
	}
	times_sum(times, &sum);
	printf("time in queue   of %llu messages", (unsigned long long)sum.messages);
	if (sum.messages) {
		print_quantile("p50", sum.p50_ns);
		print_quantile("p90", sum.p90_ns);
		print_quantile("p99", sum.p99_ns);
		print_quantile("p99.9", sum.p999_ns);
		print_quantile("max", sum.max_ns);
	}
	putchar('\n');
	if (buckets)
		print_buckets(times);
}

static void print_state(const struct nl_chan *chan)
{
	char name[NAME_TEXT_SIZE];

	chan_name_text(chan, name);
	printf("name            %s%s%s\n", name,
	       chan->flags & IPCCHAN_CHAN_ANON ? " (anonymous)" : "",
	       chan->flags & IPCCHAN_CHAN_UNLINKED ? " (deleted, still open)" : "");
	printf("id              %u\n", chan->id);
	printf("kind            %s\n", word_of(kind_words, chan->kind));
}

static void print_text(const struct nl_chan *chan, const struct details *more,
		       const struct view *view)
{
	char owner[OWNER_TEXT_SIZE];

	print_state(chan);
	chan_owner_text(chan, view->numeric, owner);
	printf("mode            %04o\n", chan->mode);
	printf("owner           %s\n", owner);
	printf("descriptors     %u\n", chan->endpoints);
	printf("queued          %u of %u messages\n", chan->msgs, chan->max_msgs);
	printf("waiting         senders %u, receivers %u\n", chan->waiting_senders,
	       chan->waiting_receivers);
	print_bytes("queued bytes", chan->bytes);
	print_bytes("max bytes", chan->max_bytes);
	print_bytes("max msg size", chan->max_msg_size);
	print_buffer(chan);
	print_pool(chan);
	print_options(chan);
	print_stats(chan);
	print_times(chan, &more->times, view->stats);
}

static int print_tables(const struct nl_chan *chan, const struct details *more,
			const struct view *view)
{
	int err;

	if (more->n_eps)
		printf("\nendpoints\n");
	err = eps_print(more->eps, more->n_eps, false, view->numeric);
	if (chan->endpoints > more->n_eps)
		printf("\nof %u endpoints you may see %zu\n", chan->endpoints, more->n_eps);
	if (!err && more->n_loans) {
		printf("\nblocks\n");
		err = loans_print(more->loans, more->n_loans);
	}
	return err;
}

static json_t *show_json(const struct nl_chan *chan, const struct details *more, bool stats)
{
	json_t *json = chan_json(chan, true);
	struct times_sum sum;

	times_sum(&more->times, &sum);
	if (json_object_set_new(json, "time_in_queue",
				times_json(&sum, stats ? &more->times : NULL)) ||
	    json_object_set_new(json, "endpoint_list", eps_json(more->eps, more->n_eps)) ||
	    json_object_set_new(json, "blocks", loans_json(more->loans, more->n_loans))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static int print(const char *verb, const struct nl_chan *chan, const struct details *more,
		 const struct view *view)
{
	if (view->json)
		return json_print(verb, show_json(chan, more, view->stats), view->pretty);
	print_text(chan, more, view);
	if (print_tables(chan, more, view)) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	return cli_flush_stdout(verb);
}

int cmd_show(int argc, char **argv)
{
	struct show_args args = { 0 };
	struct details more = { 0 };
	struct nl_chan chan;
	struct nl *nl;
	int ret, status;

	argp_parse(&show_argp, argc, argv, 0, NULL, &args);
	ret = nl_begin(&nl);
	if (!ret)
		ret = chan_ref_get(nl, &args.ref, &chan, &more.times);
	if (ret) {
		status = chan_ref_error(argv[0], nl, &args.ref, ret);
		nl_end(nl);
		return status;
	}
	status = view_dumped(argv[0], nl,
			     nl_dump_endpoints(nl, chan.id, &more.eps, &more.n_eps));
	if (!status)
		status = view_dumped(argv[0], nl, nl_dump_loans(nl, chan.id, &more.loans,
								&more.n_loans));
	if (!status)
		status = print(argv[0], &chan, &more, &args.view);
	free(more.eps);
	free(more.loans);
	nl_end(nl);
	return status;
}
