// SPDX-License-Identifier: GPL-2.0
/* ipcchan show: all there is to know about one channel. */
#include "chan_format.h"
#include "cli.h"
#include "words.h"

struct show_args {
	const char *channel;
	bool json;
	bool pretty;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "print a JSON object", 0 },
	{ "pretty", 'p', NULL, 0, "print the JSON indented (implies --json)", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct show_args *args = state->input;

	switch (key) {
	case 'p':
		args->pretty = true;
		args->json = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->channel)
			argp_error(state, "takes one channel");
		args->channel = arg_name(state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name or the id of a channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp show_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME|ID",
	.doc = "Show limits, state and counters of one channel."
	       "\vA number is first looked up as a name, then as an id.",
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

static void print_text(const struct nl_chan *chan)
{
	char name[NAME_TEXT_SIZE], owner[80];

	chan_name_text(chan, name);
	chan_owner_text(chan, owner, sizeof(owner));
	printf("name            %s%s%s\n", name,
	       chan->flags & IPCCHAN_CHAN_ANON ? " (anonymous)" : "",
	       chan->flags & IPCCHAN_CHAN_UNLINKED ? " (deleted, still open)" : "");
	printf("id              %u\n", chan->id);
	printf("kind            %s\n", word_of(kind_words, chan->kind));
	printf("mode            %04o\n", chan->mode);
	printf("owner           %s\n", owner);
	printf("descriptors     %u\n", chan->endpoints);
	printf("queued          %u of %u messages\n", chan->msgs, chan->max_msgs);
	print_bytes("queued bytes", chan->bytes);
	print_bytes("max bytes", chan->max_bytes);
	print_bytes("max msg size", chan->max_msg_size);
	print_buffer(chan);
	print_pool(chan);
	print_options(chan);
	print_stats(chan);
}

int cmd_show(int argc, char **argv)
{
	struct show_args args = { 0 };
	struct nl_error error;
	struct nl_chan chan;
	int err;

	argp_parse(&show_argp, argc, argv, 0, NULL, &args);
	err = nl_find_channel(args.channel, &chan, &error);
	if (err)
		return cli_error_nl(argv[0], args.channel, err, error.text);
	if (args.json)
		return json_print(argv[0], chan_json(&chan, true), args.pretty);
	print_text(&chan);
	return cli_flush_stdout(argv[0]);
}
