// SPDX-License-Identifier: GPL-2.0
/* Channels at two times, and what went on between them: of stats and top. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chan_format.h"
#include "sample.h"
#include "words.h"

#define NS_PER_S	1000000000LL

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* A dump does not have the times.  A channel that has gone meanwhile has none. */
static int take_times(struct nl *nl, struct sample *sample)
{
	for (size_t i = 0; i < sample->n; i++) {
		struct nl_chan chan;
		int err;

		if (!sample->chans[i].times)
			continue;
		sample->times[i] = calloc(1, sizeof(*sample->times[i]));
		if (!sample->times[i])
			return -ENOMEM;
		err = nl_get_channel(nl, NULL, sample->chans[i].id, &chan, sample->times[i]);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

static int take_chans(struct nl *nl, uint32_t id, struct sample *sample)
{
	int ret;

	if (!id) {
		ret = nl_dump_channels(nl, NULL, &sample->chans, &sample->n);
		sample->inconsistent = ret == NL_INCONSISTENT;
		return ret < 0 ? ret : 0;
	}
	sample->chans = malloc(sizeof(*sample->chans));
	if (!sample->chans)
		return -ENOMEM;
	ret = nl_get_channel(nl, NULL, id, sample->chans, NULL);
	sample->n = ret ? 0 : 1;
	return ret;
}

int sample_take(struct nl *nl, uint32_t ref_id, bool times, struct sample *sample)
{
	int err;

	memset(sample, 0, sizeof(*sample));
	err = take_chans(nl, ref_id, sample);
	sample->time_ns = now_ns();
	if (!err && sample->n) {
		sample->times = calloc(sample->n, sizeof(*sample->times));
		err = sample->times ? 0 : -ENOMEM;
	}
	if (!err && times)
		err = take_times(nl, sample);
	if (err)
		sample_free(sample);
	return err;
}

void sample_free(struct sample *sample)
{
	for (size_t i = 0; sample->times && i < sample->n; i++)
		free(sample->times[i]);
	free(sample->chans);
	free(sample->times);
	memset(sample, 0, sizeof(*sample));
}

static void rate_of(struct rate *rate, const uint64_t *before, double seconds)
{
	for (int i = IPCCHAN_A_STATS_SENT; i <= IPCCHAN_A_STATS_MAX; i++) {
		uint64_t count = rate->chan->stats[i];

		if (count >= before[i])
			count -= before[i];
		rate->per_s[i] = seconds > 0 ? count / seconds : 0;
	}
}

static void times_of(struct rate *rate, const struct nl_times *before,
		     const struct nl_times *now)
{
	struct nl_times diff;

	if (!now)
		return;
	if (before)
		times_since(now, before, &diff);
	else
		diff = *now;
	times_sum(&diff, &rate->times);
}

int sample_rates(const struct sample *before, const struct sample *now, struct rate **rates)
{
	static const uint64_t no_stats[IPCCHAN_A_STATS_MAX + 1];
	double seconds = 0;
	size_t k = 0;

	if (before->time_ns)
		seconds = (now->time_ns - before->time_ns) / (double)NS_PER_S;

	*rates = calloc(now->n + 1, sizeof(**rates));
	if (!*rates)
		return -ENOMEM;
	for (size_t i = 0; i < now->n; i++) {
		const struct nl_chan *chan = &now->chans[i];
		bool known;

		while (k < before->n && before->chans[k].id < chan->id)
			k++;
		known = k < before->n && before->chans[k].id == chan->id;
		(*rates)[i].chan = chan;
		(*rates)[i].known = seconds > 0;
		rate_of(&(*rates)[i], known ? before->chans[k].stats : no_stats, seconds);
		if (before->time_ns)
			times_of(&(*rates)[i], known ? before->times[k] : NULL, now->times[i]);
	}
	return 0;
}

json_t *rate_json(const struct rate *rate)
{
	const struct nl_chan *chan = rate->chan;
	char name[NAME_TEXT_SIZE], field[32];
	json_t *json;

	chan_name_text(chan, name);
	json = json_pack("{s:I, s:s?, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "id", (json_int_t)chan->id,
			 "name", chan->has_name ? name : NULL,
			 "kind", word_of(kind_words, chan->kind),
			 "queued_msgs", (json_int_t)chan->msgs,
			 "queued_bytes", (json_int_t)chan->bytes,
			 "max_msgs", (json_int_t)chan->max_msgs,
			 "endpoints", (json_int_t)chan->endpoints,
			 "waiting_senders", (json_int_t)chan->waiting_senders,
			 "waiting_receivers", (json_int_t)chan->waiting_receivers,
			 "time_in_queue", times_json(&rate->times, NULL));
	for (int i = IPCCHAN_A_STATS_SENT; i <= IPCCHAN_A_STATS_MAX; i++) {
		snprintf(field, sizeof(field), "%s_per_s", chan_stat_name(i));
		if (json_object_set_new(json, field, json_real(rate->per_s[i]))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

json_t *rates_json(const struct rate *rates, size_t n, int64_t time_ns, int64_t interval_ns)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, rate_json(&rates[i]))) {
			json_decref(array);
			return NULL;
		}
	return json_pack("{s:I, s:I, s:o}", "time_ns", (json_int_t)time_ns, "interval_ns",
			 (json_int_t)interval_ns, "channels", array);
}
