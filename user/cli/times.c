// SPDX-License-Identifier: GPL-2.0
/* The time in queue, out of the buckets in which the kernel counts messages. */
#include "times.h"

uint64_t times_from_ns(unsigned int bucket)
{
	if (bucket < 4)
		return bucket * 64ULL;
	return (4ULL + bucket % 4) << (bucket / 4 + 5);
}

static uint64_t times_total(const struct nl_times *times)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < IPCCHAN_TIME_BUCKETS; i++)
		n += times->buckets[i];
	return n;
}

uint64_t times_quantile(const struct nl_times *times, double part)
{
	uint64_t total = times_total(times), seen = 0;
	unsigned int i;

	if (!total)
		return 0;
	for (i = 0; i < IPCCHAN_TIME_BUCKETS - 1; i++) {
		seen += times->buckets[i];
		if (seen && seen >= part * total)
			return times_from_ns(i + 1);
	}
	return times_from_ns(i);
}

void times_sum(const struct nl_times *times, struct times_sum *sum)
{
	*sum = (struct times_sum){
		.recorded = times->recorded,
		.messages = times_total(times),
		.p50_ns = times_quantile(times, 0.5),
		.p90_ns = times_quantile(times, 0.9),
		.p99_ns = times_quantile(times, 0.99),
		.p999_ns = times_quantile(times, 0.999),
		.max_ns = times_quantile(times, 1),
	};
}

void times_since(const struct nl_times *now, const struct nl_times *before,
		 struct nl_times *diff)
{
	bool less = false;

	for (unsigned int i = 0; i < IPCCHAN_TIME_BUCKETS; i++)
		less |= now->buckets[i] < before->buckets[i];
	*diff = *now;
	for (unsigned int i = 0; !less && i < IPCCHAN_TIME_BUCKETS; i++)
		diff->buckets[i] -= before->buckets[i];
}

static json_t *buckets_json(const struct nl_times *times)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < IPCCHAN_TIME_BUCKETS; i++) {
		json_t *below = i + 1 < IPCCHAN_TIME_BUCKETS ?
			json_integer(times_from_ns(i + 1)) : json_null();
		json_t *bucket;

		bucket = json_pack("{s:I, s:o, s:I}", "from_ns", (json_int_t)times_from_ns(i),
				   "below_ns", below,
				   "messages", (json_int_t)times->buckets[i]);
		if (!times->buckets[i]) {
			json_decref(bucket);
		} else if (json_array_append_new(array, bucket)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

json_t *times_json(const struct times_sum *sum, const struct nl_times *buckets)
{
	json_t *json;

	if (!sum->recorded)
		return json_null();
	json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
			 "messages", (json_int_t)sum->messages,
			 "p50_ns", (json_int_t)sum->p50_ns,
			 "p90_ns", (json_int_t)sum->p90_ns,
			 "p99_ns", (json_int_t)sum->p99_ns,
			 "p999_ns", (json_int_t)sum->p999_ns,
			 "max_ns", (json_int_t)sum->max_ns);
	if (json && buckets && json_object_set_new(json, "buckets", buckets_json(buckets))) {
		json_decref(json);
		return NULL;
	}
	return json;
}
