// SPDX-License-Identifier: GPL-2.0
#include "page.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "doc.h"
#include "forms.h"

void page_part(struct page *page, const char *title, const char *about)
{
	fputs("<h2>", page->out);
	html_text(page->out, title);
	fputs("</h2>\n<p>", page->out);
	html_text(page->out, about);
	fputs("</p>\n", page->out);
}

unsigned int page_picture(struct page *page, const char *title)
{
	const char *doubt = doc_doubt(page->doc);

	fputs("<figure>\n<h3>", page->out);
	html_text(page->out, title);
	fputs("</h3>\n", page->out);
	if (doubt)
		fprintf(page->out, "<p class=\"doubt\">%s</p>\n",
			page->time == SVG_INSTRUCTIONS ?
			"Instructions of an emulated CPU, not times." :
			"These times are not those of a machine.");
	return page->pictures++;
}

void page_data(struct page *page)
{
	fputs("<details><summary>The numbers</summary><div class=\"scroll\">\n", page->out);
}

void page_data_end(struct page *page)
{
	fputs("</div></details>\n</figure>\n", page->out);
}

/* It is that of a round trip: beside the time of a message one way it would mislead */
struct floor_mark page_floor(const struct page *page, const struct row *row)
{
	if (strcmp(row->workload, "pingpong"))
		return (struct floor_mark){ .value = NAN };
	return floor_mark_of(page->doc, row->placement);
}

const char *page_time_unit(const struct page *page)
{
	return page->time == SVG_INSTRUCTIONS ? "instructions" : "nanoseconds";
}

void table_begin(FILE *out, const char *times, const char *const heads[])
{
	fputs("<table>", out);
	if (times)
		fprintf(out, "<caption>Times are in %s.</caption>", times);
	fputs("<thead><tr>", out);
	for (; *heads; heads++) {
		fputs(**heads == '#' ? "<th class=\"n\">" : "<th>", out);
		html_text(out, **heads == '#' ? *heads + 1 : *heads);
		fputs("</th>", out);
	}
	fputs("</tr></thead><tbody>\n", out);
}

void table_end(FILE *out)
{
	fputs("</tbody></table>\n", out);
}

void cell_text(FILE *out, const char *text)
{
	fputs("<td>", out);
	html_text(out, text);
	fputs("</td>", out);
}

/* 1234567.8 as 1,234,568; what is short, with a digit more */
void cell_number(FILE *out, double value)
{
	char digits[SVG_TEXT];
	size_t n, i;

	fputs("<td class=\"n\">", out);
	if (!isfinite(value)) {
		fputs("–</td>", out);
		return;
	}
	if (fabs(value) >= 1e15)
		snprintf(digits, sizeof(digits), "%.3g", value);
	else
		snprintf(digits, sizeof(digits), "%.*f",
			 fabs(value) < 1000 && value != floor(value) ? 1 : 0, value);
	n = fabs(value) >= 1e15 ? 0 : strcspn(digits, ".");
	for (i = 0; digits[i]; i++) {
		if (i && i < n && (n - i) % 3 == 0 && digits[i - 1] != '-')
			putc(',', out);
		putc(digits[i], out);
	}
	fputs("</td>", out);
}

/**
 * struct columns - which of a table are there, beside those that all have
 * @offered: a rate was
 * @p99_interval: the interval of a p99 is known
 * @crowd: of several senders or receivers
 * @lost: of receivers that may lose messages
 * @copies: they are declared, and no rate was offered
 */
struct columns {
	bool offered;
	bool p99_interval;
	bool crowd;
	bool lost;
	bool copies;
};

/* Per cent of what was sent */
static double lost_of(const struct row *row)
{
	double lost = doc_number(row->json, "lost_messages");

	return 100 * lost / (lost + doc_number(row->json, "messages"));
}

static double copies_of(const struct row *row)
{
	return doc_number(json_object_get(row->json, "ledger"), "copies_declared");
}

static struct columns columns_of(const struct row *const *rows, size_t n)
{
	struct columns c = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		c.offered |= isfinite(rows[i]->offered);
		c.p99_interval |= isfinite(rows[i]->p99_interval[0]);
		c.crowd |= isfinite(doc_number(rows[i]->json, "sender_fairness")) ||
			   isfinite(doc_number(rows[i]->json, "receiver_fairness"));
		c.lost |= isfinite(lost_of(rows[i]));
		c.copies |= isfinite(copies_of(rows[i])) && !isfinite(rows[i]->offered);
	}
	return c;
}

static void rows_begin(struct page *page, const struct columns *c)
{
	static const char *const times[] = { "#p50", "#95 % from", "#to", "#p99" };
	static const char *const rest[] = {
		"#p99.9", "#max", "#messages/s", "#MB/s", "#samples",
	};
	const char *heads[24] = { "transport", "setting", "#bytes" };
	size_t i, n = 3;

	if (c->offered) {
		heads[n++] = "#offered/s";
		heads[n++] = "reached";
	}
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		heads[n++] = times[i];
	if (c->p99_interval) {
		heads[n++] = "#95 % from";
		heads[n++] = "#to";
	}
	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		heads[n++] = rest[i];
	if (c->crowd) {
		heads[n++] = "#senders fair, %";
		heads[n++] = "#receivers fair, %";
	}
	if (c->lost)
		heads[n++] = "#lost, %";
	if (c->copies)
		heads[n++] = "#copies declared";
	table_begin(page->out, page_time_unit(page), heads);
}

static void print_interval(FILE *out, const double interval[2])
{
	cell_number(out, interval[0]);
	cell_number(out, interval[1]);
}

static void no_cells(FILE *out, size_t n)
{
	for (; n > 0; n--)
		cell_number(out, NAN);
}

/* Before the first row of a placement: its time in the column of p50, its longest as max */
static void print_floor(struct page *page, const struct row *row, const struct columns *c)
{
	const struct floor_mark floor = page_floor(page, row);
	char place[ROW_SETTING_SIZE + FLOOR_AS_SIZE];
	size_t n;

	if (!isfinite(floor.value))
		return;
	n = row_place(row, place);
	snprintf(place + n, sizeof(place) - n, "%s%s", *floor.as ? ", " : "", floor.as);
	fputs("<tr>", page->out);
	cell_text(page->out, "floor");
	cell_text(page->out, place);
	no_cells(page->out, c->offered ? 3 : 1);
	cell_number(page->out, floor.value);
	no_cells(page->out, c->p99_interval ? 6 : 4);
	cell_number(page->out, floor.range[1]);
	no_cells(page->out, 3 + (c->crowd ? 2 : 0) + c->lost + c->copies);
	fputs("</tr>\n", page->out);
}

static void print_row(FILE *out, const struct row *row, const struct columns *c)
{
	char setting[ROW_SETTING_SIZE];

	fputs("<tr>", out);
	cell_text(out, row->transport);
	cell_text(out, row_setting(row, setting));
	cell_number(out, row->size);
	if (c->offered) {
		cell_number(out, row->offered);
		cell_text(out, row->missed ? "no" : row->knee ? "yes, the knee" : "yes");
	}
	cell_number(out, row->p50);
	print_interval(out, row->interval);
	cell_number(out, row->p99);
	if (c->p99_interval)
		print_interval(out, row->p99_interval);
	cell_number(out, doc_number(row->json, "p999_ns"));
	cell_number(out, doc_number(row->json, "max_ns"));
	cell_number(out, row->rate);
	cell_number(out, row->bytes / 1e6);
	cell_number(out, doc_number(row->json, "samples"));
	if (c->crowd) {
		cell_number(out, 100 * doc_number(row->json, "sender_fairness"));
		cell_number(out, 100 * doc_number(row->json, "receiver_fairness"));
	}
	if (c->lost)
		cell_number(out, lost_of(row));
	if (c->copies)
		cell_number(out, copies_of(row));
	fputs("</tr>\n", out);
}

void page_rows(struct page *page, const struct row *const *rows, size_t n)
{
	struct columns columns = columns_of(rows, n);
	size_t i;

	rows_begin(page, &columns);
	for (i = 0; i < n; i++) {
		if (!i || strcmp(rows[i]->placement, rows[i - 1]->placement))
			print_floor(page, rows[i], &columns);
		print_row(page->out, rows[i], &columns);
	}
	table_end(page->out);
}

int html_print(FILE *out, const void *arg)
{
	struct page page = {
		.out = out, .doc = arg,
		.time = doc_instructions(arg) ? SVG_INSTRUCTIONS : SVG_TIME,
	};

	if (rows_load(&page.rows, page.doc)) {
		page_head(&page);
		part_mechanisms(&page);
		part_sizes(&page);
		part_percentiles(&page);
		part_load(&page);
		part_ladder(&page);
		part_stages(&page);
		page_foot(&page);
	} else {
		page.failed = true;
	}
	rows_free(&page.rows);
	return page.failed ? -ENOMEM : 0;
}
