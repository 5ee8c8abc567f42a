// SPDX-License-Identifier: GPL-2.0
/* What list, show, stats, monitor, top, tree and quota make of what the kernel says. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <jansson.h>

#include "chan_format.h"
#include "ep_format.h"
#include "event_format.h"
#include "quota.h"
#include "sample.h"
#include "tap.h"
#include "top.h"
#include "tree.h"

static void expect_text(int line, const char *got, const char *want)
{
	if (strcmp(got, want))
		TAP_REPORT("line %d: got '%s', expected '%s'", line, got, want);
}

#define EXPECT_STR(got, want)	expect_text(__LINE__, got, want)

/* Its JSON, with the fields in the order of their names. */
static void expect_json(json_t *json, const char *want)
{
	char *got = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	EXPECT_STR(got ? got : "(none)", want);
	free(got);
	json_decref(json);
}

/* What @fn prints to the standard output. */
static char *printed(void (*fn)(const void *arg), const void *arg)
{
	static char text[8192];
	int saved, fd;
	ssize_t n;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	dup2(fd, STDOUT_FILENO);
	fn(arg);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	close(fd);
	return text;
}

static void unsafe_text(void)
{
	char text[64];

	text_safe("a\033[2Jb\n\x7f", text, sizeof(text));
	EXPECT_STR(text, "a\\x1b[2Jb\\x0a\\x7f");
	text_safe("gr\xc3\xbcn \xff\xc2\x9b", text, sizeof(text));
	EXPECT_STR(text, "gr\xc3\xbcn \\xff\\xc2\\x9b");
	text_safe("\xed\xa0\x80", text, sizeof(text));
	EXPECT_STR(text, "\\xed\\xa0\\x80");
	/* nothing is cut in the middle */
	text_safe("ab\033c", text, 6);
	EXPECT_STR(text, "ab");
	text_safe("ab\xc3\xbc", text, 4);
	EXPECT_STR(text, "ab");
	text_fit("gr\xc3\xbcn", 3, text, sizeof(text));
	EXPECT_STR(text, "gr\xc3\xbc");
	text_fit("gr\xc3\xbcn", 6, text, sizeof(text));
	EXPECT_STR(text, "gr\xc3\xbcn  ");
}

static void numbers(void)
{
	char text[SIZE_TEXT_SIZE];

	rate_text(0, text);
	EXPECT_STR(text, "0");
	rate_text(0.25, text);
	EXPECT_STR(text, "0.25");
	rate_text(999.4, text);
	EXPECT_STR(text, "999");
	rate_text(999.6, text);
	EXPECT_STR(text, "1k");
	rate_text(12345678, text);
	EXPECT_STR(text, "12.3M");
	time_text(2500000000ULL, text);
	EXPECT_STR(text, "2.5 s");
}

/* As <linux/ipcchan_netlink.h> says. */
static void bucket_of_time(void)
{
	struct nl_times times = { .recorded = true }, before = { .recorded = true }, diff;

	EXPECT_EQ(times_from_ns(0), 0);
	EXPECT_EQ(times_from_ns(3), 192);
	EXPECT_EQ(times_from_ns(4), 256);
	EXPECT_EQ(times_from_ns(5), 320);
	EXPECT_EQ(times_from_ns(7), 448);
	EXPECT_EQ(times_from_ns(8), 512);
	EXPECT_EQ(times_from_ns(127), 7ULL << 36);

	EXPECT_EQ(times_quantile(&times, 0.5), 0);
	times.buckets[0] = 98;
	times.buckets[4] = 1;
	times.buckets[127] = 1;
	EXPECT_EQ(times_quantile(&times, 0.5), 64);
	EXPECT_EQ(times_quantile(&times, 0.98), 64);
	EXPECT_EQ(times_quantile(&times, 0.99), 320);
	EXPECT_EQ(times_quantile(&times, 1), 7ULL << 36);

	before.buckets[0] = 90;
	times_since(&times, &before, &diff);
	EXPECT_EQ(diff.buckets[0], 8);
	EXPECT_EQ(diff.buckets[127], 1);
	/* of another channel, or begun anew */
	before.buckets[5] = 1;
	times_since(&times, &before, &diff);
	EXPECT_EQ(diff.buckets[0], 98);
}

static void times_as_json(void)
{
	struct nl_times times = { .recorded = true };
	struct times_sum sum;

	times.buckets[0] = 3;
	times.buckets[127] = 1;
	times_sum(&times, &sum);
	expect_json(times_json(&sum, &times),
		    "{\"buckets\":[{\"below_ns\":64,\"from_ns\":0,\"messages\":3},"
		    "{\"below_ns\":null,\"from_ns\":481036337152,\"messages\":1}],"
		    "\"max_ns\":481036337152,\"messages\":4,\"p50_ns\":64,"
		    "\"p90_ns\":481036337152,\"p999_ns\":481036337152,"
		    "\"p99_ns\":481036337152}");
	times.recorded = false;
	times_sum(&times, &sum);
	EXPECT(json_is_null(times_json(&sum, NULL)));
}

static struct nl_chan chan(uint32_t id, const char *name, uint64_t sent)
{
	struct nl_chan new = { .id = id, .has_name = name, .max_msgs = 10, .msgs = 5 };

	if (name)
		strcpy(new.name, name);
	new.stats[IPCCHAN_A_STATS_SENT] = sent;
	return new;
}

static const struct rate *rate_of(const struct rate *rates, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rates[i].chan->id == id)
			return &rates[i];
	return NULL;
}

/* One goes, one comes, one is another one of the same id, one goes on. */
static void rates(void)
{
	struct nl_chan old[] = { chan(1, "a", 5), chan(2, "b", 10), chan(4, "d", 100) };
	struct nl_chan new[] = { chan(2, "b", 30), chan(3, NULL, 4), chan(4, "D", 6) };
	struct nl_times *no_times[3] = { 0 }, times = { .recorded = true };
	struct nl_times *new_times[3] = { &times };
	struct sample before = {
		.time_ns = 1000000000, .chans = old, .times = no_times, .n = 3
	};
	struct sample now = {
		.time_ns = 3000000000, .chans = new, .times = new_times, .n = 3
	};
	const struct sample none = { 0 };
	struct top_view view = { .key = 0 };
	json_t *json, *first;
	struct rate *r;

	times.buckets[4] = 1;
	EXPECT_EQ(sample_rates(&before, &now, &r), 0);
	EXPECT(rate_of(r, 3, 2)->known);
	EXPECT_EQ(rate_of(r, 3, 2)->per_s[IPCCHAN_A_STATS_SENT], 10);
	EXPECT_EQ(rate_of(r, 3, 3)->per_s[IPCCHAN_A_STATS_SENT], 2);
	EXPECT_EQ(rate_of(r, 3, 4)->per_s[IPCCHAN_A_STATS_SENT], 3);
	EXPECT_EQ(rate_of(r, 3, 2)->times.p50_ns, 320);
	EXPECT(!rate_of(r, 3, 3)->times.recorded);

	EXPECT_EQ(top_select(&view, r, 3), 3);
	EXPECT_EQ(r[0].chan->id, 2);
	EXPECT_EQ(r[1].chan->id, 4);
	view.reverse = true;
	EXPECT_EQ(top_select(&view, r, 3), 3);
	EXPECT_EQ(r[0].chan->id, 3);
	strcpy(view.filter, "[dD]");
	EXPECT_EQ(top_select(&view, r, 3), 1);
	EXPECT_EQ(r[0].chan->id, 4);
	json = rates_json(r, 1, 7, 9);
	EXPECT_EQ(json_integer_value(json_object_get(json, "interval_ns")), 9);
	first = json_array_get(json_object_get(json, "channels"), 0);
	EXPECT_STR(json_string_value(json_object_get(first, "name")), "D");
	json_decref(json);
	free(r);

	/* nothing is known of what was before the first look */
	EXPECT_EQ(sample_rates(&none, &now, &r), 0);
	EXPECT(!r[0].known);
	EXPECT_EQ(r[0].per_s[IPCCHAN_A_STATS_SENT], 0);
	EXPECT(!r[0].times.recorded);
	free(r);
}

static void top_row(void)
{
	struct nl_chan one = chan(7, "x\033y", 0);
	struct rate rate = { .chan = &one, .known = true };
	char line[TOP_LINE_SIZE], header[TOP_LINE_SIZE];
	struct top_view view = { .numeric = true };

	one.waiting_receivers = 2;
	one.endpoints = 3;
	rate.per_s[IPCCHAN_A_STATS_SENT] = 1500;
	rate.times = (struct times_sum){ .messages = 1, .p50_ns = 320, .p99_ns = 1500000 };
	view.name_columns = top_name_columns(&rate, 1);
	top_header(&view, header);
	top_line(&rate, &view, line);
	EXPECT_STR(header, "NAME   *SENT/s  RECV/s  BYTES/s  LOST/s  QUEUED USE%      P50      P99"
		   "  WAIT-S  WAIT-R  OPEN      ID      KIND     USER");
	EXPECT_STR(line, "x\\x1by    1.5k       0        0       0       5  50%   320 ns   1.5 ms"
		   "       0       2     3       7     queue        0");
	view.name_columns = 3;
	view.key = 1;
	one.has_name = false;
	top_line(&rate, &view, line);
	EXPECT(!strncmp(line, "id     1.5k  ", 13));
	rate.known = false;
	top_line(&rate, &view, line);
	EXPECT(!strncmp(line, "id        -       -        -       -       5  50%", 49));
}

static struct nl_event event(uint32_t what)
{
	return (struct nl_event){ .what = what, .time_ns = 1500000, .uid = NL_NO_ID };
}

static void print_event(const void *arg)
{
	/* 1970-01-02, in whatever time zone */
	const struct event_view view = { .numeric = true, .realtime_ns = 86400000000000LL };

	event_print(arg, &view, stdout);
}

static void events(void)
{
	const struct event_view view = { .numeric = true, .realtime_ns = 86400000000000LL };
	struct nl_event e = event(IPCCHAN_EVENT_ATTACHED);

	e.chan = 3;
	e.has_name = true;
	strcpy(e.name, "ne\nws");
	e.ep = 9;
	e.role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV;
	e.pid = 77;
	e.uid = 5;
	EXPECT_STR(printed(print_event, &e), "00:00:00.001500 attached  id=3 ne\\x0aws endpoint=9"
		   " role=send,recv pid=77 user=5");
	expect_json(event_json(&e, &view),
		    "{\"channel\":\"ne\\\\x0aws\",\"channel_id\":3,\"endpoint_id\":9,"
		    "\"event\":\"attached\",\"pid\":77,\"role\":\"send,recv\","
		    "\"time\":\"1970-01-02T00:00:00.001500+0000\",\"time_ns\":1500000,\"uid\":5}");
	e = event(IPCCHAN_EVENT_LAGGING);
	e.has_count = true;
	e.count = 4;
	EXPECT_STR(printed(print_event, &e), "00:00:00.001500 lagging   lost=4");
	e = event(IPCCHAN_EVENT_QUOTA);
	strcpy(e.item, "user_max_bytes");
	EXPECT_STR(printed(print_event, &e), "00:00:00.001500 quota     item=user_max_bytes");
	/* of a newer module */
	e = event(99);
	EXPECT_STR(printed(print_event, &e), "00:00:00.001500 unknown  ");
}

static void print_tree(const void *arg)
{
	tree_print(arg, true, false);
}

/* The process's own name, which anybody can choose. */
static void talkers(void)
{
	struct nl_chan chans[] = { chan(1, "a", 0), chan(2, NULL, 0), chan(3, "c", 0) };
	struct nl_ep eps[] = {
		{ .id = 1, .chan = 1, .role = IPCCHAN_ROLE_RECV, .pid = getpid() },
		{ .id = 2, .chan = 1, .role = IPCCHAN_ROLE_SEND, .pid = getpid() },
		{ .id = 3, .chan = 1, .role = IPCCHAN_ROLE_SEND, .pid = getpid() },
		{ .id = 4, .chan = 3, .role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV },
	};
	struct tree tree = { .chans = chans, .eps = eps, .n_chans = 3, .n_eps = ARRAY_SIZE(eps) };
	char want[512];
	json_t *json;

	prctl(PR_SET_NAME, "me\033[2J");
	chans[0].endpoints = 3;
	chans[2].endpoints = 3;
	snprintf(want, sizeof(want),
		 "a  queue, 5 queued\n  <- %d me\\x1b[2J (0) x2\n  -> %d me\\x1b[2J (0)\n"
		 "id 2  queue, 5 queued\n"
		 "c  queue, 5 queued\n  <> ? (0)\n  ?? 2 more that you may not see\n",
		 getpid(), getpid());
	EXPECT_STR(printed(print_tree, &tree), want);
	json = tree_json(&tree);
	EXPECT_EQ(json_array_size(json), 3);
	EXPECT_EQ(json_array_size(json_object_get(json_array_get(json, 0), "senders")), 2);
	EXPECT_EQ(json_array_size(json_object_get(json_array_get(json, 0), "receivers")), 1);
	EXPECT_EQ(json_array_size(json_object_get(json_array_get(json, 1), "senders")), 0);
	EXPECT_EQ(json_array_size(json_object_get(json_array_get(json, 2), "senders")), 1);
	EXPECT_EQ(json_array_size(json_object_get(json_array_get(json, 2), "receivers")), 1);
	json_decref(json);
	prctl(PR_SET_NAME, "cli_sight_test");
}

static void endpoint(void)
{
	struct nl_ep ep = {
		.id = 4, .chan = 2, .role = IPCCHAN_ROLE_RECV, .lost = 3, .has_type = true,
		.type = 7, .loans = 1, .loan_bytes = 4096,
	};

	expect_json(ep_json(&ep),
		    "{\"block_bytes\":4096,\"blocks\":1,\"channel\":null,\"channel_id\":2,"
		    "\"command\":null,\"gid\":0,\"id\":4,\"last_sender_pid\":null,"
		    "\"lost_msgs\":3,\"min_prio\":0,\"pid\":null,\"pool_bytes\":0,"
		    "\"pool_used_bytes\":0,\"queued_bytes\":0,\"queued_msgs\":0,"
		    "\"receives\":true,\"sends\":false,\"type\":7,\"uid\":0}");
}

struct quotas {
	const struct nl_quota *quotas;
	size_t n;
};

static void print_quotas(const void *arg)
{
	const struct quotas *q = arg;

	quotas_print(q->quotas, q->n, true);
}

static void quotas(void)
{
	static const struct nl_quota list[] = {
		{ .uid = 0, .n = 2, .items = { { "chans", 1, 8 }, { "bytes", 0, 0 } } },
		{ .uid = 5 },
	};
	static const struct nl_quota endless = {
		.uid = 5, .n = 1, .items = { { "bytes", 1, UINT64_MAX } },
	};
	const struct quotas q = { list, ARRAY_SIZE(list) };

	EXPECT_STR(printed(print_quotas, &q),
		   "USER  ITEM   USED  LIMIT   USE%\n"
		   "0     chans     1      8  12.5%\n"
		   "0     bytes     0      0      -\n");
	expect_json(quotas_json(list, 2),
		    "[{\"items\":[{\"limit\":8,\"name\":\"chans\",\"used\":1},"
		    "{\"limit\":0,\"name\":\"bytes\",\"used\":0}],\"uid\":0},"
		    "{\"items\":[],\"uid\":5}]");
	expect_json(quotas_json(&endless, 1),
		    "[{\"items\":[{\"limit\":null,\"name\":\"bytes\",\"used\":1}],\"uid\":5}]");
}

static const struct tap_test tests[] = {
	{ "names cannot move the cursor", unsafe_text },
	{ "rates and times for people", numbers },
	{ "times out of buckets", bucket_of_time },
	{ "times as JSON", times_as_json },
	{ "rates of channels that come and go", rates },
	{ "a row of top", top_row },
	{ "events", events },
	{ "who talks to whom", talkers },
	{ "an endpoint as JSON", endpoint },
	{ "quotas", quotas },
};

int main(int argc, char **argv)
{
	setenv("TZ", "UTC", 1);
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
