/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page: its head, then pictures, each with the numbers it is drawn from, then what was
 * not measured.  No part of it is fetched from elsewhere, and it has no script.
 */
#ifndef BENCH_PAGE_H
#define BENCH_PAGE_H

#include <jansson.h>
#include <stdio.h>

#include "floor_mark.h"
#include "rows.h"
#include "svg.h"

/**
 * struct page
 * @time: what its times are
 * @pictures: how many were begun
 * @failed: there was no memory for one
 */
struct page {
	FILE *out;
	const json_t *doc;
	struct rows rows;
	enum quantity time;
	unsigned int pictures;
	bool failed;
};

/* The style sheet, with its element */
extern const char page_style[];

/** page_head() - what machine it is of, how good that is for measuring, what to mind */
void page_head(struct page *page);

/** page_foot() - what was not measured, all settings of the machine and of the runs */
void page_foot(struct page *page);

/**
 * page_part() - begin a part of the page, whose pictures follow
 * @title: in words
 * @about: what they show, and how to read it
 */
void page_part(struct page *page, const char *title, const char *about);

/** page_picture() - begin a picture; Return: its number in the page */
unsigned int page_picture(struct page *page, const char *title);

/** page_data() - end a picture, and begin its numbers */
void page_data(struct page *page);

/** page_data_end() - end the numbers of a picture, and that */
void page_data_end(struct page *page);

/** page_floor() - the floor of what a row's times are of, without a value where there is none */
struct floor_mark page_floor(const struct page *page, const struct row *row);

/** page_time_unit() - what its times are in, in words */
const char *page_time_unit(const struct page *page);

/**
 * page_rows() - a table of results
 * @rows: @n of them
 */
void page_rows(struct page *page, const struct row *const *rows, size_t n);

/**
 * table_begin() - begin a table
 * @times: that it has, in what unit; NULL when it has none
 * @heads: of its columns, the last is NULL; those of numbers begin with a #
 */
void table_begin(FILE *out, const char *times, const char *const heads[]);

void table_end(FILE *out);

/** cell_text() - a cell of a table */
void cell_text(FILE *out, const char *text);

/** cell_number() - likewise, of a number, to a tenth */
void cell_number(FILE *out, double value);

/* The parts with pictures; each does nothing where the document has nothing for it. */

/** part_mechanisms() - transports side by side: round trips, and the throughput of streams */
void part_mechanisms(struct page *page);

/** part_sizes() - the same by the size of a message */
void part_sizes(struct page *page);

/** part_percentiles() - how times are distributed */
void part_percentiles(struct page *page);

/** part_load() - latency by the rate that is offered */
void part_load(struct page *page);

/** part_ladder() - what each rung of a channel removes */
void part_ladder(struct page *page);

/** part_stages() - where the time of a message goes */
void part_stages(struct page *page);

#endif /* BENCH_PAGE_H */
